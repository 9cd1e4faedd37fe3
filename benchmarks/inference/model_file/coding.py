"""A fitted pipeline as plain JSON and arrays, and back.

JSON's own values stand for themselves. Everything else is an object of one key that says what it
is: ``array``, ``number``, ``texts``, ``tuple``, ``dict`` or ``part``, of which the last names an
entry of the closed table of `parts`.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .json_and_arrays import ModelError, RefusalError
from .serializable_types import part_of, parts

Array = NDArray[Any]
Arrays = dict[str, Array]

_DEEPEST = 64
KINDS = {
    np.dtype(name).name: np.dtype(name)
    for name in (
        *("bool", "uint8", "int8", "int16", "uint16", "int32", "uint32", "int64", "uint64"),
        *("float16", "float32", "float64"),
    )
}


class Encoder:
    """Turns objects into JSON values and gathers their arrays.

    Attributes
    ----------
    arrays : dict of str to ndarray
        In C order; an array that several hold stands once.
    """

    def __init__(self) -> None:
        self.arrays: Arrays = {}
        self._seen: dict[int, tuple[Array, dict[str, Any]]] = {}

    def encode(self, value: Any, place: str = "") -> Any:
        """Give the JSON value.

        Parameters
        ----------
        value : object
        place : str
            Where it stands, for the error.

        Raises
        ------
        ModelError
            If it holds something that cannot be written down.
        """
        if isinstance(value, np.ndarray):
            return self._array(value, place)
        if isinstance(value, np.generic) and value.dtype.name in KINDS:
            return {"number": [value.dtype.name, self.encode(value.item())]}
        if isinstance(value, float) and not math.isfinite(value):
            return {"number": ["float", str(value)]}
        if value is None or isinstance(value, bool | int | float | str):
            return value
        if isinstance(value, list | tuple):
            items = [self.encode(item, f"{place}[{k}]") for k, item in enumerate(value)]
            return items if isinstance(value, list) else {"tuple": items}
        if isinstance(value, dict):
            pairs = [
                [self.encode(key, place), self.encode(item, f"{place}[{key!r}]")]
                for key, item in value.items()
            ]
            return {"dict": pairs}
        part = part_of(type(value))
        if part is None:
            raise ModelError(
                f"a {type(value).__name__} cannot be written into a model file ({place or 'model'})"
            )
        state = {
            name: self.encode(item, f"{place}.{name}") for name, item in part.state(value).items()
        }
        return {"part": part.name, "state": state}

    def _array(self, value: Array, place: str) -> dict[str, Any]:
        if id(value) in self._seen:
            return self._seen[id(value)][1]
        if value.dtype.kind in "OU" and value.ndim == 1 and all(isinstance(t, str) for t in value):
            return {"texts": [str(text) for text in value]}
        if value.dtype.name not in KINDS:
            raise ModelError(
                f"an array of {value.dtype} cannot be written into a model file ({place})"
            )
        # The order decides in which order a matrix product adds up, hence its last bits.
        turned = value.ndim > 1 and value.flags.f_contiguous and not value.flags.c_contiguous
        name = str(len(self.arrays))
        self.arrays[name] = np.ascontiguousarray(value.T if turned else value)
        told = {"array": name, "turned": True} if turned else {"array": name}
        self._seen[id(value)] = (value, told)  # kept alive, so that its id stays its own
        return told


class Decoder:
    """Turns JSON values and arrays into objects of the closed table.

    Parameters
    ----------
    arrays : dict of str to ndarray
    added : mapping of str to dict, optional
        By class, the attributes that files of this protocol do not have yet, with the values that
        leave a fitted object as it was.
    """

    def __init__(
        self, arrays: Arrays, added: Mapping[str, Mapping[str, Any]] | None = None
    ) -> None:
        self.arrays = arrays
        self.added = added or {}
        self.used: set[str] = set()
        self._readers: dict[str, Callable[[Any, int], Any]] = {
            "array": self._array,
            "number": _number,
            "texts": _texts,
            "tuple": lambda items, depth: tuple(self._items(items, depth)),
            "dict": self._dict,
        }

    def decode(self, value: Any, depth: int = 0) -> Any:
        """Give the object.

        Raises
        ------
        RefusalError
            If it is not what an `Encoder` writes.
        """
        if depth > _DEEPEST:
            raise RefusalError("nested too deeply")
        if isinstance(value, list):
            return self._items(value, depth)
        if not isinstance(value, dict):
            return value
        if set(value) == {"part", "state"}:
            return self._part(value["part"], value["state"], depth)
        if set(value) == {"array", "turned"} and value["turned"] is True:
            return self._array(value["array"], depth).T
        kind = next(iter(value), None) if len(value) == 1 else None
        if kind not in self._readers:
            raise RefusalError(f"something unknown: {', '.join(map(repr, value))[:80]}")
        return self._readers[kind](value[kind], depth)

    def _items(self, value: Any, depth: int) -> list[Any]:
        if not isinstance(value, list):
            raise RefusalError("a list that is none")
        return [self.decode(item, depth + 1) for item in value]

    def _dict(self, value: Any, depth: int) -> dict[Any, Any]:
        found = {}
        for pair in self._items(value, depth):
            if not isinstance(pair, list) or len(pair) != 2 or isinstance(pair[0], list | dict):
                raise RefusalError("a dictionary that is none")
            found[pair[0]] = pair[1]
        return found

    def _array(self, name: Any, depth: int) -> Array:
        if not isinstance(name, str) or name not in self.arrays:
            raise RefusalError(f"an array that is not there: {str(name)[:40]}")
        self.used.add(name)
        return self.arrays[name]

    def _part(self, name: Any, state: Any, depth: int) -> Any:
        part = parts().get(name) if isinstance(name, str) else None
        if part is None:
            raise RefusalError(f"a foreign type, {str(name)[:80]!r}, which is not loaded")
        if not isinstance(state, dict):
            raise RefusalError(f"a {name} without its state")
        decoded = {key: self.decode(item, depth + 1) for key, item in state.items()}
        return part.build(dict(self.added.get(name, {})) | decoded)


def _number(value: Any, depth: int) -> Any:
    match value:
        case ["float", "inf" | "-inf" | "nan" as text]:
            return float(text)
        case [str(kind), bool() | int() | float() as number] if kind in KINDS:
            return KINDS[kind].type(number)
        case [str(kind), {"number": ["float", "inf" | "-inf" as text]}] if kind in KINDS:
            return KINDS[kind].type(text)
    raise RefusalError("a number that is none")


def _texts(value: Any, depth: int) -> Array:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise RefusalError("texts that are none")
    return np.array(value, dtype=object)
