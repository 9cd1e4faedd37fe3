"""Ready features in an .npz or .safetensors file."""

import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import numpy as np
from numpy.typing import NDArray

from ...utils import InputError
from ..tables import LabelTable, check_expansion
from .build import check_labels, split_of

_SUFFIXES = (".npz", ".safetensors")
# Errors of zipfile and numpy for damaged files.
_DAMAGED = (
    *(OSError, EOFError, ValueError, TypeError, SyntaxError, RuntimeError, MemoryError),
    *(OverflowError, KeyError, BadZipFile, zlib.error),
)

Arrays = Mapping[str, NDArray[Any]]


def is_arrays(path: Path) -> bool:
    """Return whether a path is an .npz or .safetensors file."""
    return path.is_file() and path.suffix.lower() in _SUFFIXES


def read_arrays(path: Path) -> LabelTable:
    """Read ready features.

    The arrays are ``X`` (n, features) and ``Y`` (n, labels), or ``X_train``, ``Y_train``,
    ``X_test`` and ``Y_test``. In Y, 0 is absent, 1 present, and NaN or a negative number unknown;
    if Y contains no 0, -1 is absent. Optional are ``labels`` (names), and with X and Y also
    ``split``, ``group`` and ``images`` (texts, n). A .safetensors file, which cannot hold texts,
    keeps these as JSON lists in its metadata.

    Raises
    ------
    InputError
        If the file or an array is missing or broken.
    """
    arrays = _read_npz(path) if path.suffix.lower() == ".npz" else _read_safetensors(path)
    parts = [f"_{part}" for part in ("train", "test") if f"X_{part}" in arrays] or [""]
    X = np.concatenate([_matrix(path, arrays, f"X{part}") for part in parts])
    Y = np.concatenate([_matrix(path, arrays, f"Y{part}") for part in parts])
    n, n_labels = Y.shape
    if len(X) != n:
        raise InputError(f"{path}: X has {len(X)} rows and Y {n}")
    bad = np.argwhere(~np.isfinite(X))
    if bad.size:
        raise InputError(f"{path} row {bad[0][0] + 1}: X is not a number in column {bad[0][1] + 1}")
    notes = []
    if not (Y == 0).any() and (Y == -1).any() and (Y == 1).any():
        notes.append(f"{path}: -1 in Y is read as absent, since Y holds no 0")
        Y = np.where(Y == -1, 0, Y)
    elif (Y < 0).any():
        notes.append(f"{path}: negative numbers in Y are read as unknown")
    known = ~(np.isnan(Y) | (Y < 0))
    wrong = np.argwhere(known & (Y != 0) & (Y != 1))
    if wrong.size:
        raise InputError(
            f"{path} row {wrong[0][0] + 1}: Y holds {Y[tuple(wrong[0])]:g}, not 0 or 1"
        )
    labels = _texts(path, arrays, "labels", n_labels)
    names = list(labels) if labels is not None else [f"label{j}" for j in range(n_labels)]
    check_labels(str(path), names)
    images = _texts(path, arrays, "images", n)
    group = _texts(path, arrays, "group", n)
    return LabelTable(
        name=path.stem,
        source=str(path),
        paths=("",) * n,
        images=tuple(images) if images is not None else tuple(f"row {i + 1}" for i in range(n)),
        labels=tuple(names),
        Y=np.asarray(known & (Y == 1), dtype=np.uint8),
        known=known,
        rows=np.arange(1, n + 1),
        split=_split(path, arrays, parts, n),
        group=None if group is None else np.array(group),
        X=np.asarray(X, dtype=np.float32),
        notes=tuple(notes),
    )


def _split(path: Path, arrays: Arrays, parts: list[str], n: int) -> NDArray[np.str_] | None:
    if len(parts) == 2:
        lengths = [len(arrays[f"X{part}"]) for part in parts]
        return np.repeat(["train", "test"], lengths)
    words = _texts(path, arrays, "split", n)
    if words is None:
        return None
    try:
        return split_of([word.strip().lower() for word in words])
    except KeyError as error:
        raise InputError(f"{path}: split {error} is none of train, val, test") from None


def _matrix(path: Path, arrays: Arrays, name: str) -> NDArray[np.float64 | np.float32]:
    array = arrays.get(name)
    if array is None:
        held = ", ".join(arrays) or "nothing"
        raise InputError(f"{path}: no array {name!r} (it holds {held}); X and Y are needed")
    if array.ndim != 2 or array.dtype.kind not in "biuf" or not array.size:
        raise InputError(
            f"{path}: {name} is {array.dtype} of shape {array.shape}, not a matrix of numbers"
        )
    return array.astype(np.float32 if name.startswith("X") else np.float64)


def _texts(path: Path, arrays: Arrays, name: str, length: int) -> list[str] | None:
    array = arrays.get(name)
    if array is None:
        return None
    if array.ndim != 1 or len(array) != length:
        raise InputError(f"{path}: {name} has shape {array.shape}, not ({length},)")
    return [str(text) for text in array.tolist()]


def _read_npz(path: Path) -> Arrays:
    try:
        # No pickles, which could run code.
        with ZipFile(path) as archive:
            entries = archive.infolist()
        check_expansion(
            path,
            sum(entry.compress_size for entry in entries),
            sum(entry.file_size for entry in entries),
        )
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except InputError:
        raise
    except _DAMAGED as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: not a readable .npz of numbers and texts ({reason})") from None


def _read_safetensors(path: Path) -> Arrays:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            metadata = file.metadata() or {}
    except (SafetensorError, OSError, ValueError, TypeError, MemoryError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: not a readable .safetensors file ({reason})") from None
    for name in ("labels", "split", "group", "images"):
        if name in metadata:
            try:
                texts = json.loads(metadata[name])
            except (ValueError, RecursionError):
                texts = None
            if not isinstance(texts, list):
                raise InputError(f"{path}: {name!r} in its metadata is not a JSON list")
            arrays[name] = np.array([str(text) for text in texts])
    return arrays
