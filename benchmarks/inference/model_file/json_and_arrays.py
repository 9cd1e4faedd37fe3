"""What is said of a model file that is not taken."""

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
    """A model file is refused; the message names the file and says why in one line."""


class RefusalError(ValueError):
    """A reason to refuse a file, from where its name is not known."""


def refused(path: str | PathLike[str], reason: object) -> ModelError:
    """Give the error that names the file."""
    words = " ".join(str(reason).split())
    return ModelError(f"{path}: {words[:300]}")


def read_json(data: bytes, name: str) -> Any:
    """Read JSON that has no name twice, no NaN and no nesting beyond reason.

    Raises
    ------
    RefusalError
    """
    try:
        return json.loads(
            data.decode("utf-8"), object_pairs_hook=_each_once, parse_constant=_no_constant
        )
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else error
        raise RefusalError(f"damaged: {name} is not plain JSON ({reason})") from None


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice")
    return found


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is no number")


_KINDS = {
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
    """Give named arrays as the bytes of a safetensors file."""
    from safetensors.numpy import save

    return save(arrays)


def unpack(data: bytes) -> dict[str, NDArray[Any]]:
    """Read named arrays.

    Raises
    ------
    RefusalError
        If they are none, or hold something that is no number.
    """
    try:
        read: Any = safetensors.deserialize
        found = read(data)
    except Exception as error:  # of its own kinds
        raise RefusalError(f"damaged: its arrays cannot be read ({error})") from None
    arrays = {}
    for name, tensor in found:
        kind = _KINDS.get(tensor["dtype"])
        if kind is None:
            raise RefusalError(f"damaged: an array of {tensor['dtype']}")
        array = np.frombuffer(tensor["data"], kind).reshape(tensor["shape"])
        if array.dtype == np.bool_ and (array.view(np.uint8) > 1).any():
            raise RefusalError("damaged: a yes or no that is neither")
        if array.dtype.kind == "f" and np.isnan(array).any():
            raise RefusalError("damaged: numbers are missing in it (NaN)")
        arrays[name] = array
    return arrays


_LIBRARIES = ("numpy", "scikit-learn", "scipy", "torch", "openvino", "pillow", "simplejpeg")


def versions() -> dict[str, str]:
    """Give the versions of all that may decide what a model answers."""
    found = {"catnocat": __version__, "python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # openvino and simplejpeg need not be there
            continue
    return found
