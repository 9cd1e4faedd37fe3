"""Export stored vectors as an array file and a table that identifies the rows."""

import csv
import json
import os
import struct
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from os import PathLike, fspath
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.lib.format import write_array_header_1_0

from ..store import IMPORTED, Recipe, StoredRecipe
from ..utils import FeatureError, Progress, report_os_errors
from .extractor import read_only
from .pending_images import Job

#: The name of the array in a ``.safetensors`` file.
TENSOR = "features"
_BLOCK = 4096


@dataclass(frozen=True)
class Export:
    """Result of an export.

    Attributes
    ----------
    recipe : Recipe
    shape : tuple of int
        Shape of the array.
    skipped : tuple of (str, str)
        Path and reason of each image without a vector.
    """

    recipe: Recipe
    shape: tuple[int, ...]
    skipped: tuple[tuple[str, str], ...]


def export_vectors(
    paths: Sequence[str | PathLike[str]],
    stored: StoredRecipe,
    out: str | PathLike[str],
    *,
    names: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> Export:
    """Write stored vectors in the order of the images; compute nothing.

    Parameters
    ----------
    paths : sequence of str or path
    stored : StoredRecipe
        The recipe, see `choose_recipe`.
    out : path
        A ``.npy`` or ``.safetensors`` file for the float32 vectors. A ``.csv`` file of the same
        name is written next to it, with the columns ``image`` and ``sha256`` and the same rows.
    names : sequence of str, optional
        Names of the images in the table; by default their paths.
    progress : callable, optional

    Raises
    ------
    FeatureError
        If a readable image has no vector, or the files cannot be written.
    """
    target = Path(out)
    header = HEADERS.get(target.suffix.lower())
    if header is None:
        raise FeatureError(f"{out}: the suffix must be {' or '.join(HEADERS)}")
    store = stored.open()
    job = Job(paths, store)
    job.carry_out(read_only(job.todo()), progress)
    lacking = job.unexplained()
    imported = store.recipe.backbone.startswith(IMPORTED)  # these cannot be computed
    if len(lacking) and not imported:
        raise FeatureError(
            f"{len(lacking)} of {len(paths)} images (first: {fspath(paths[lacking[0]])}) have"
            f" no vector in {store.folder} yet: run 'catnocat extract' first"
        )
    readable = job.found()
    digests = job.digests[readable]
    labels = [fspath(name) for name in (paths if names is None else names)]
    shape = (len(digests), *store.recipe.shape)

    def write_vectors(file: BinaryIO) -> None:
        file.write(header(shape, store.recipe))
        for start in range(0, len(digests), _BLOCK):
            file.write(store.read(digests[start : start + _BLOCK]).astype("<f4").tobytes())

    def write_table(file: BinaryIO) -> None:
        lines = _Lines(file)
        rows = csv.writer(lines, lineterminator="\n")
        rows.writerow(["image", "sha256"])
        rows.writerows(
            (labels[number], digest.tobytes().hex())
            for number, digest in zip(np.flatnonzero(readable).tolist(), digests, strict=True)
        )

    with report_os_errors(f"write {target}"):
        _write_together({target.with_suffix(".csv"): write_table, target: write_vectors})
    return Export(store.recipe, shape, job.skipped(readable, "nothing was imported for it"))


def _write_together(writers: dict[Path, Callable[[BinaryIO], None]]) -> None:
    """Write several files; replace existing ones only after all are complete."""
    parts = {path: path.with_name(f"{path.name}.{os.getpid()}.part") for path in writers}
    try:
        for path, part in parts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                writers[path](file)
        for path, part in parts.items():
            part.replace(path)
    finally:
        for part in parts.values():
            with suppress(OSError):
                part.unlink(missing_ok=True)


class _Lines:
    """Text interface of a binary file, for `csv`."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, text: str) -> int:
        # A file name may hold bytes that are not valid text; Python keeps them this way.
        return self._file.write(text.encode("utf-8", "surrogateescape"))


def _npy_header(shape: tuple[int, ...], recipe: Recipe) -> bytes:
    file = BytesIO()
    about = {"descr": "<f4", "fortran_order": False, "shape": shape}
    write_array_header_1_0(file, about)
    return file.getvalue()


def _safetensors_header(shape: tuple[int, ...], recipe: Recipe) -> bytes:
    """Return the header of a file of one tensor; the package itself only takes whole arrays."""
    size = 4 * int(np.prod(shape))
    about = {
        "__metadata__": {"recipe": json.dumps(recipe.to_dict())},
        TENSOR: {"dtype": "F32", "shape": list(shape), "data_offsets": [0, size]},
    }
    text = json.dumps(about).encode()
    text += b" " * (-len(text) % 8)  # align the numbers
    return struct.pack("<Q", len(text)) + text


#: Header of a file of each suffix; the numbers follow it.
HEADERS: dict[str, Callable[[tuple[int, ...], Recipe], bytes]] = {
    ".npy": _npy_header,
    ".safetensors": _safetensors_header,
}
