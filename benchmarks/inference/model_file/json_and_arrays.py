"""JSON and arrays of a model file, and the errors of files that cannot be read."""

import json
import platform
from importlib.metadata import PackageNotFoundError, version
from os import PathLike
from typing import Any

import numpy as np
import safetensors
from numpy.typing import NDArray

from .... import __version__
from ...utils import InputError


class ModelError(InputError):
    """A model file cannot be used; the message names the file and the reason in one line."""


class InvalidModelFileError(ValueError):
    """The content of a model file is invalid; raised where the file's name is not known."""


def model_error(path: str | PathLike[str], reason: object) -> ModelError:
    """Return the error that names the file and the reason."""
    line = " ".join(str(reason).split())
    return ModelError(f"{path}: {line[:300]}")


def read_json(data: bytes, name: str) -> Any:
    """Parse JSON without duplicate names, NaN or excessive nesting.

    Raises
    ------
    InvalidModelFileError
    """
    try:
        return json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_without_duplicates,
            parse_constant=_reject_constant,
        )
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else error
        raise InvalidModelFileError(f"damaged: {name} is not valid JSON ({reason})") from None


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("duplicate name")
    return members


def _reject_constant(text: str) -> Any:
    raise ValueError(f"{text} is not a number")


_DTYPES = {
    "BOOL": np.bool_,
    "U8": np.uint8,
    "I8": np.int8,
    "U16": np.uint16,
    "I16": np.int16,
    "U32": np.uint32,
    "I32": np.int32,
    "U64": np.uint64,
    "I64": np.int64,
    "F16": np.float16,
    "F32": np.float32,
    "F64": np.float64,
}


def pack(arrays: dict[str, NDArray[Any]]) -> bytes:
    """Return named arrays as the bytes of a safetensors file."""
    from safetensors.numpy import save

    return save(arrays)


def unpack(data: bytes) -> dict[str, NDArray[Any]]:
    """Read named arrays from the bytes of a safetensors file.

    Raises
    ------
    InvalidModelFileError
        If the bytes are not a safetensors file, or hold NaN or an unsupported type.
    """
    try:
        deserialize: Any = safetensors.deserialize
        tensors = deserialize(data)
    except Exception as error:  # safetensors has its own exception types
        raise InvalidModelFileError(f"damaged: its arrays cannot be read ({error})") from None
    arrays = {}
    for name, tensor in tensors:
        dtype = _DTYPES.get(tensor["dtype"])
        if dtype is None:
            raise InvalidModelFileError(f"damaged: unsupported array type {tensor['dtype']}")
        array = np.frombuffer(tensor["data"], dtype).reshape(tensor["shape"])
        if array.dtype == np.bool_ and (array.view(np.uint8) > 1).any():
            raise InvalidModelFileError("damaged: a boolean is neither 0 nor 1")
        if array.dtype.kind == "f" and np.isnan(array).any():
            raise InvalidModelFileError("damaged: an array contains NaN")
        arrays[name] = array
    return arrays


_LIBRARIES = ("numpy", "scikit-learn", "scipy", "torch", "openvino", "pillow", "simplejpeg")


def library_versions() -> dict[str, str]:
    """Return the versions of all libraries that can affect the predictions of a model."""
    versions = {"catnocat": __version__, "python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:  # openvino and simplejpeg are optional
            continue
    return versions
