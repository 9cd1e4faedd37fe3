"""Arrays as bytes and back, by safetensors: shapes and numbers, and nothing that could run."""

from typing import Any

import numpy as np
import safetensors
from numpy.typing import NDArray

from .errors import RefusalError

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
