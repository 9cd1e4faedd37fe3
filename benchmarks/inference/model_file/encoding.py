"""Encoding of a fitted pipeline as plain JSON and arrays, and decoding.

JSON's own values are written as they are. Everything else is an object whose key names its kind:
``array``, ``number``, ``texts``, ``tuple``, ``dict`` or ``part``. A ``part`` is an object of one of
the classes in `serializable_types`.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .archive import InvalidModelFileError, ModelError
from .serializable_types import find_serializable_type, types_by_name

Array = NDArray[Any]
Arrays = dict[str, Array]

_MAX_DEPTH = 64
DTYPES = {
    np.dtype(name).name: np.dtype(name)
    for name in (
        *("bool", "uint8", "int8", "int16", "uint16", "int32", "uint32", "int64", "uint64"),
        *("float16", "float32", "float64"),
    )
}


class Encoder:
    """Encoder of objects as JSON values; it collects their arrays.

    Attributes
    ----------
    arrays : dict of str to ndarray
        In C order; an array that several objects share is stored once.
    """

    def __init__(self) -> None:
        self.arrays: Arrays = {}
        self._references: dict[int, tuple[Array, dict[str, Any]]] = {}

    def encode(self, value: Any, location: str = "") -> Any:
        """Return the JSON value of an object.

        Parameters
        ----------
        value : object
        location : str
            Where in the model the object is, for the error message.

        Raises
        ------
        ModelError
            If it contains an object that cannot be serialized.
        """
        if isinstance(value, np.ndarray):
            return self._encode_array(value, location)
        if isinstance(value, np.generic) and value.dtype.name in DTYPES:
            return {"number": [value.dtype.name, self.encode(value.item())]}
        if isinstance(value, float) and not math.isfinite(value):
            return {"number": ["float", str(value)]}
        if value is None or isinstance(value, bool | int | float | str):
            return value
        if isinstance(value, list | tuple):
            items = [self.encode(item, f"{location}[{k}]") for k, item in enumerate(value)]
            return items if isinstance(value, list) else {"tuple": items}
        if isinstance(value, dict):
            pairs = [
                [self.encode(key, location), self.encode(item, f"{location}[{key!r}]")]
                for key, item in value.items()
            ]
            return {"dict": pairs}
        entry = find_serializable_type(type(value))
        if entry is None:
            raise ModelError(
                f"a {type(value).__name__} cannot be written to a model file"
                f" ({location or 'model'})"
            )
        state = {
            name: self.encode(item, f"{location}.{name}")
            for name, item in entry.get_state(value).items()
        }
        return {"part": entry.name, "state": state}

    def _encode_array(self, value: Array, location: str) -> dict[str, Any]:
        if id(value) in self._references:
            return self._references[id(value)][1]
        if value.dtype.kind in "OU" and value.ndim == 1 and all(isinstance(t, str) for t in value):
            return {"texts": [str(text) for text in value]}
        if value.dtype.name not in DTYPES:
            raise ModelError(
                f"an array of {value.dtype} cannot be written to a model file ({location})"
            )
        # Memory order affects the order of additions in a matrix product, hence its last bits.
        transposed = value.ndim > 1 and value.flags.f_contiguous and not value.flags.c_contiguous
        name = str(len(self.arrays))
        self.arrays[name] = np.ascontiguousarray(value.T if transposed else value)
        reference = {"array": name, "turned": True} if transposed else {"array": name}
        self._references[id(value)] = (value, reference)  # keeps the array alive, and so its id
        return reference


class Decoder:
    """Decoder of JSON values and arrays to objects of the serializable types.

    Parameters
    ----------
    arrays : dict of str to ndarray
    added : mapping of str to dict, optional
        For each class, the attributes that files of this format version lack, with the values that
        leave fitted objects unchanged.
    """

    def __init__(
        self, arrays: Arrays, added: Mapping[str, Mapping[str, Any]] | None = None
    ) -> None:
        self.arrays = arrays
        self.added = added or {}
        self.used: set[str] = set()
        self._decoders: dict[str, Callable[[Any, int], Any]] = {
            "array": self._decode_array,
            "number": _decode_number,
            "texts": _decode_texts,
            "tuple": lambda items, depth: tuple(self._decode_items(items, depth)),
            "dict": self._decode_dict,
        }

    def decode(self, value: Any, depth: int = 0) -> Any:
        """Return the object of a JSON value.

        Raises
        ------
        InvalidModelFileError
            If the value is not one that `Encoder` writes.
        """
        if depth > _MAX_DEPTH:
            raise InvalidModelFileError("values that are nested too deeply")
        if isinstance(value, list):
            return self._decode_items(value, depth)
        if not isinstance(value, dict):
            return value
        if set(value) == {"part", "state"}:
            return self._decode_object(value["part"], value["state"], depth)
        if set(value) == {"array", "turned"} and value["turned"] is True:
            return self._decode_array(value["array"], depth).T
        kind = next(iter(value), None) if len(value) == 1 else None
        if kind not in self._decoders:
            raise InvalidModelFileError(f"an unknown kind: {', '.join(map(repr, value))[:80]}")
        return self._decoders[kind](value[kind], depth)

    def _decode_items(self, value: Any, depth: int) -> list[Any]:
        if not isinstance(value, list):
            raise InvalidModelFileError("an invalid list")
        return [self.decode(item, depth + 1) for item in value]

    def _decode_dict(self, value: Any, depth: int) -> dict[Any, Any]:
        decoded = {}
        for pair in self._decode_items(value, depth):
            if not isinstance(pair, list) or len(pair) != 2 or isinstance(pair[0], list | dict):
                raise InvalidModelFileError("an invalid dictionary")
            decoded[pair[0]] = pair[1]
        return decoded

    def _decode_array(self, name: Any, depth: int) -> Array:
        if not isinstance(name, str) or name not in self.arrays:
            raise InvalidModelFileError(f"a reference to a missing array: {str(name)[:40]}")
        self.used.add(name)
        return self.arrays[name]

    def _decode_object(self, name: Any, state: Any, depth: int) -> Any:
        entry = types_by_name().get(name) if isinstance(name, str) else None
        if entry is None:
            raise InvalidModelFileError(f"an untrusted type, {str(name)[:80]!r}, which is rejected")
        if not isinstance(state, dict):
            raise InvalidModelFileError(f"a {name} without its state")
        decoded = {key: self.decode(item, depth + 1) for key, item in state.items()}
        return entry.build(dict(self.added.get(name, {})) | decoded)


def _decode_number(value: Any, depth: int) -> Any:
    match value:
        case ["float", "inf" | "-inf" | "nan" as text]:
            return float(text)
        case [str(dtype), bool() | int() | float() as number] if dtype in DTYPES:
            return DTYPES[dtype].type(number)
        case [str(dtype), {"number": ["float", "inf" | "-inf" as text]}] if dtype in DTYPES:
            return DTYPES[dtype].type(text)
    raise InvalidModelFileError("an invalid number")


def _decode_texts(value: Any, depth: int) -> Array:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise InvalidModelFileError("an invalid list of texts")
    return np.array(value, dtype=object)
