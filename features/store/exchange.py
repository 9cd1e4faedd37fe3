"""Exchange vectors with other programs as an array file and a table of its images.

The array is a ``.npy`` or ``.safetensors`` file with one row per image. The table is the ``.csv``
file of the same name, with the columns ``image`` and ``sha256`` and the same rows.
"""

import csv
import json
import struct
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from io import BytesIO
from os import PathLike, fspath
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib.format import write_array_header_1_0

from ..preprocessing import Preprocessing, View
from ..utils import (
    FeatureError,
    Progress,
    atomic_write,
    cached_file_digest,
    one_line,
    report_os_errors,
)
from .feature_store import FeatureStore
from .pending_images import PendingImages
from .recipe import Recipe
from .row_index import DIGEST_BYTES
from .store_listing import StoredRecipe, list_recipes

#: Prefix of the backbone name of imported vectors.
IMPORTED = "imported:"
#: Name of the array in a ``.safetensors`` file.
TENSOR = "features"
_BLOCK = 4096
_UNKNOWN = Preprocessing(224, "nearest", (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), 1.0)


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
    with PendingImages(paths, store, progress=progress) as pending:
        pending.compute_digests()
    lacking = pending.unexplained()
    imported = store.recipe.backbone.startswith(IMPORTED)  # these cannot be computed
    if len(lacking) and not imported:
        raise FeatureError(
            f"{len(lacking)} of {len(paths)} images (first: {fspath(paths[lacking[0]])}) have"
            f" no vector in {store.folder} yet: run 'catnocat extract' first"
        )
    readable = pending.has_vector()
    digests = pending.digests[readable]
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
        _write_together({target: write_vectors, target.with_suffix(".csv"): write_table})
    return Export(store.recipe, shape, pending.skipped(readable, "nothing was imported for it"))


def _write_together(writers: dict[Path, Callable[[BinaryIO], None]]) -> None:
    """Write several files; replace existing ones only after all are complete."""
    with ExitStack() as stack:
        for path, write in writers.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            file = stack.enter_context(atomic_write(path))
            write(file)
            file.flush()


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


def imported_name(name: str) -> str:
    """Return the backbone name of vectors that are imported under a name."""
    label = name.removeprefix(IMPORTED)
    if not label or not label.isprintable() or label != label.strip():
        raise FeatureError(f"{name!r} is not a valid name for vectors: use one such as clip-b32")
    return IMPORTED + label


def imported_recipe(backbone: str, dimension: int) -> Recipe:
    """Return the recipe of imported vectors, of which only name and length are known."""
    return Recipe(
        backbone=backbone,
        weights="",
        channels=dimension,
        preprocessing=_UNKNOWN,
        views=(View(),),
        engine="imported",
        precision="float32",
        decoder="imported",
    )


def find_imported(root: Path, name: str) -> Recipe:
    """Return the recipe of vectors that were imported under a name."""
    recipes = [
        stored.recipe for stored in list_recipes(root) if stored.backbone.startswith(IMPORTED)
    ]
    for recipe in recipes:
        if recipe is not None and recipe.backbone == name:
            return recipe
    names = ", ".join(sorted(recipe.backbone for recipe in recipes if recipe is not None))
    raise FeatureError(
        f"nothing was imported as {name} into {root}: "
        + (f"available: {names}" if names else "see 'catnocat store import --help'")
    )


@dataclass(frozen=True)
class Import:
    """Result of an import.

    Attributes
    ----------
    recipe : Recipe
    rows, new : int
        Rows in the file, and how many of them were not in the store before.
    """

    recipe: Recipe
    rows: int
    new: int


def import_vectors(
    vectors: str | PathLike[str],
    name: str,
    store: str | PathLike[str],
    *,
    table: str | PathLike[str] | None = None,
) -> Import:
    """Import vectors that were computed elsewhere, under the recipe ``imported:NAME``.

    Parameters
    ----------
    vectors : path
        A ``.npy`` file, or a ``.safetensors`` file of one tensor: floating point, (n, d). All
        imports under the same name must have the same d.
    name : str
    store : path
        Root of the feature store.
    table : path, optional
        CSV with n rows and a column ``sha256`` or, failing that, ``image``: paths relative to the
        table. By default the ``.csv`` file of the same name in the folder of `vectors`.

    Returns
    -------
    Import

    Raises
    ------
    FeatureError
        If the files are invalid or do not match. Nothing is stored in this case.
    """
    backbone = imported_name(name)
    source = Path(vectors)
    names = Path(table) if table is not None else source.with_suffix(".csv")
    with report_os_errors(f"import {source}"):
        array = _open(source)
        digests = _read_digests(names)
    if len(array) != len(digests):
        raise FeatureError(
            f"{source} has {len(array)} rows and {names} has {len(digests)}: they must match"
        )
    _check_values(array, source)
    _check_repeated(array, digests, source, names)
    recipe = imported_recipe(backbone, array.shape[1])
    _check_dimension(recipe, source, store)
    target = FeatureStore(store, recipe)
    target.repair_description()
    new = np.flatnonzero(~target.has(digests))
    new = new[np.sort(np.unique(_contents(digests[new]), return_index=True)[1])]
    for start in range(0, len(new), _BLOCK):
        rows = new[start : start + _BLOCK]
        target.write(digests[rows], np.asarray(array[rows], np.float32))
    return Import(recipe, len(digests), len(new))


def _open(path: Path) -> np.ndarray:
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise FeatureError(f"{path}: the suffix must be {' or '.join(READERS)}")
    try:
        array = reader(path)
    except (FeatureError, OSError):
        raise
    except Exception as error:  # the type depends on which byte is wrong
        raise FeatureError(f"{path} cannot be read: {one_line(error)}") from None
    if array.ndim != 2 or 0 in array.shape:
        raise FeatureError(f"{path} has the shape {array.shape}: it must be (images, numbers)")
    if not np.issubdtype(array.dtype, np.floating):
        raise FeatureError(f"{path} holds {array.dtype}: it must be floating point")
    return array


def _open_npy(path: Path) -> np.ndarray:
    try:
        array: np.ndarray = np.load(path, mmap_mode="r", allow_pickle=False)
    except ValueError:  # its message suggests trusting the file
        raise FeatureError(f"{path} is not an array of numbers saved by numpy") from None
    return array


def _open_safetensors(path: Path) -> np.ndarray:
    from safetensors.numpy import load_file

    tensors: dict[str, Any] = load_file(path)
    if len(tensors) != 1:
        raise FeatureError(f"{path} holds {len(tensors)} tensors: it must hold one")
    array: np.ndarray = next(iter(tensors.values()))
    return array


#: Reader for each file suffix.
READERS: dict[str, Callable[[Path], np.ndarray]] = {
    ".npy": _open_npy,
    ".safetensors": _open_safetensors,
}


def _read_digests(table: Path) -> np.ndarray:
    """Return the sha256 of the image of each row: uint8 (n, 32)."""
    with table.open(newline="", encoding="utf-8-sig", errors="surrogateescape") as file:
        rows = csv.DictReader(file)
        columns: Sequence[str] = rows.fieldnames or ()
        column = next((name for name in ("sha256", "image") if name in columns), None)
        if column is None:
            raise FeatureError(f"{table} needs a column sha256 or image")
        texts = []
        for row in rows:
            where = f"{table} line {rows.line_num}"
            texts.append(_digest(row[column] or "", column, table.parent, where))
    return np.frombuffer(bytes.fromhex("".join(texts)), np.uint8).reshape(-1, DIGEST_BYTES)


def _digest(cell: str, column: str, folder: Path, where: str) -> str:
    if column == "image":
        try:
            return cached_file_digest(folder / cell)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or one_line(error)
            raise FeatureError(f"{where}: {cell}: {reason}") from None
    if len(cell) != 2 * DIGEST_BYTES or not set(cell.lower()) <= set("0123456789abcdef"):
        raise FeatureError(f"{where}: {cell!r} is not a sha256 of 64 hexadecimal digits")
    return cell


def _check_values(array: np.ndarray, source: Path) -> None:
    for start in range(0, len(array), _BLOCK):
        with np.errstate(over="ignore"):  # values too large for float32 are detected below
            finite = np.isfinite(array[start : start + _BLOCK].astype(np.float32)).all(axis=1)
        if not finite.all():
            row = start + int(np.argmin(finite))
            raise FeatureError(
                f"{source}: row {row} (from 0) holds a NaN, infinite or too large value"
            )


def _check_repeated(array: np.ndarray, digests: np.ndarray, source: Path, table: Path) -> None:
    first, place = np.unique(_contents(digests), return_index=True, return_inverse=True)[1:]
    for row in np.flatnonzero(first[place] != np.arange(len(digests))).tolist():
        before = int(first[place[row]])
        if not np.array_equal(array[row], array[before]):
            raise FeatureError(
                f"{table}: rows {before} and {row} (from 0) are the same image, but their vectors"
                f" in {source} differ"
            )


def _check_dimension(recipe: Recipe, source: Path, store: str | PathLike[str]) -> None:
    for stored in list_recipes(store) if Path(store).exists() else []:
        known = stored.recipe
        if known is not None and known.backbone == recipe.backbone and known != recipe:
            raise FeatureError(
                f"{source} has vectors of {recipe.dimension} numbers, but what was imported as"
                f" {recipe.backbone} has {known.dimension}: choose another name"
            )


def _contents(digests: np.ndarray) -> np.ndarray:
    """Return digests as an array of one opaque value each."""
    return np.ascontiguousarray(digests).view(f"V{DIGEST_BYTES}").ravel()
