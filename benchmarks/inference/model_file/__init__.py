"""The model file: an archive of JSON and arrays, without pickle."""

from .json_and_arrays import ModelError, RefusalError, refused, versions
from .model_record import Sheet, has_controls, read_sheet

__all__ = [
    "ModelError",
    "RefusalError",
    "Sheet",
    "has_controls",
    "read_sheet",
    "refused",
    "versions",
]
