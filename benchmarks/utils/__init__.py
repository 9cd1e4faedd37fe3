"""Errors, progress, parallelism, formatting, files and thumbnails."""

from .errors import LOGGER, InputError, UnclearInputError, announce
from .files import (
    atomic_write,
    create_output_folder,
    translate_write_errors,
    write_json,
    write_text,
)
from .formatting import (
    escape_controls,
    format_duration,
    format_signed,
    join_names,
    pluralize,
    unit_name,
)
from .parallel import use_scheduler
from .progress import ProgressCallback, show_progress
from .thumbnails import thumbnail_data_uri

__all__ = [
    "LOGGER",
    "InputError",
    "ProgressCallback",
    "UnclearInputError",
    "announce",
    "atomic_write",
    "create_output_folder",
    "escape_controls",
    "format_duration",
    "format_signed",
    "join_names",
    "pluralize",
    "show_progress",
    "thumbnail_data_uri",
    "translate_write_errors",
    "unit_name",
    "use_scheduler",
    "write_json",
    "write_text",
]
