"""Errors, progress, parallelism, formatting, files and thumbnails."""

from .errors import InputError, UnclearInputError
from .files import refused_writing, writable_folder, write_json, write_text
from .formatting import join_names, pluralize, shortly, signed, unit_name
from .notices import LOGGER, announce
from .parallel import workers
from .progress import Tell, step
from .thumbnails import thumbnail

__all__ = [
    "LOGGER",
    "InputError",
    "Tell",
    "UnclearInputError",
    "announce",
    "join_names",
    "pluralize",
    "refused_writing",
    "shortly",
    "signed",
    "step",
    "thumbnail",
    "unit_name",
    "workers",
    "writable_folder",
    "write_json",
    "write_text",
]
