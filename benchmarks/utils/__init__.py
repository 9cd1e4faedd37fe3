"""Errors, files, formatting, and the execution of long steps."""

from .errors import LOGGER, InputError, UnclearInputError, announce
from .execution import (
    ElapsedTime,
    ProgressCallback,
    limit_threads,
    measure_time,
    show_progress,
    use_scheduler,
    useful_threads,
)
from .files import (
    atomic_write,
    check_output_folder,
    create_folder,
    open_output_folder,
    thumbnail_data_uri,
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

__all__ = [
    "LOGGER",
    "ElapsedTime",
    "InputError",
    "ProgressCallback",
    "UnclearInputError",
    "announce",
    "atomic_write",
    "check_output_folder",
    "create_folder",
    "escape_controls",
    "format_duration",
    "format_signed",
    "join_names",
    "limit_threads",
    "measure_time",
    "open_output_folder",
    "pluralize",
    "show_progress",
    "thumbnail_data_uri",
    "translate_write_errors",
    "unit_name",
    "use_scheduler",
    "useful_threads",
    "write_json",
    "write_text",
]
