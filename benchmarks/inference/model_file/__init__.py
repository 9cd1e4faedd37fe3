"""The model file: an archive of JSON and arrays, without pickle."""

from .archive import InvalidModelFileError, ModelError, library_versions, model_error
from .model_record import ModelRecord, has_control_characters, read_model_record

__all__ = [
    "InvalidModelFileError",
    "ModelError",
    "ModelRecord",
    "has_control_characters",
    "library_versions",
    "model_error",
    "read_model_record",
]
