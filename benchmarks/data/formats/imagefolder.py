"""Hugging Face's imagefolder: images, and a metadata file with a column file_name."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ...utils import InputError
from ..tables import LabelTable, read_records, shown
from .collector import LabelCollector
from .format import CERTAIN, Detection, Format
from .image_files import folders_in
from .parsing import read_json_lines
from .source import Source, part_of

_NAMES = ("metadata.jsonl", "metadata.csv", "metadata.parquet")
_LABELS = ("labels", "label", "tags", "classes", "categories", "category", "class")
_NO_LABELS = ("split", "width", "height", "text", "caption", "image_id", "id")
_FLAGS = {"0": 0, "1": 1, "0.0": 0, "1.0": 1, "True": 1, "False": 0, "true": 1, "false": 0}

Row = tuple[str, str, Mapping[str, Any]]
"""(where, folder relative to the root, cells)."""


def detect(source: Source) -> Detection | None:
    """Detect a metadata file with a column file_name."""
    for file, _ in _files(source.path):
        if file.suffix == ".parquet" or "file_name" in Source(file).head[:4096]:
            return Detection(CERTAIN, f"{file.name} has the column file_name of imagefolder")
    return None


def read_imagefolder(source: Source) -> LabelTable:
    """Read a folder for ``load_dataset("imagefolder")`` with metadata.jsonl, .csv or .parquet.

    The labels are a column ``labels`` (or ``label``, ``tags``, ``classes``, ``categories``) of
    lists or texts, or one 0/1 column per label. The metadata is next to the images, or in
    ``train/``, ``validation/`` and ``test/``, which become the split.

    Raises
    ------
    InputError
        If a file is broken, or no column holds labels.
    """
    files = _files(source.path)
    if not files:
        raise InputError(
            f"{source.path}: no metadata.jsonl, metadata.csv or metadata.parquet there"
        )
    rows = [row for file, near in files for row in _rows(file, near)]
    first = files[0][0]
    columns = list(dict.fromkeys(name for _, _, cells in rows for name in cells))
    if "file_name" not in columns:
        raise InputError(f"{first}: no column 'file_name'; it has {', '.join(columns)}")
    label = next((name for name in _LABELS if name in columns), None)
    others = [name for name in columns if name not in ("file_name", *_NO_LABELS)]
    flags = others if label is None and _are_flags(rows, others) else []
    both = flags and [name for name in columns if name in _NO_LABELS and _are_flags(rows, [name])]
    if label is not None and len(others) > 1 and _are_flags(rows, others):
        both = [label]
    if both:
        raise InputError(
            f"{first}: column {both[0]!r} holds 0 and 1 as the columns of labels do; rename "
            "it if it is a label, else remove it"
        )
    if label is None and not flags:
        held = ", ".join(others) or "no other"
        raise InputError(
            f"{first}: which column holds the labels: {held}? Call it 'labels', with a list for "
            "each image"
        )
    root = source.path if source.path.is_dir() else source.path.parent
    collector = LabelCollector(Source(root), flags)
    for where, near, cells in rows:
        labels: list[object]
        if label is None:
            labels = [name for name in flags if _flag(cells.get(name)) == 1]
            unknown = [name for name in flags if _flag(cells.get(name)) is None]
        else:
            labels, unknown = _labels(where, label, cells.get(label)), []
        part = part_of(cells.get("split", "")) or near.partition("/")[0]
        collector.add(where, cells.get("file_name"), labels, part=part, near=near, unknown=unknown)
    return collector.table()


def _files(path: Path) -> list[tuple[Path, str]]:
    """Return the metadata files with their folders relative to the root."""
    if path.is_file():
        return [(path, "")] if path.name in _NAMES else []
    folders = [(path, "")]
    folders += [(folder, folder.name) for folder in folders_in(path) if part_of(folder.name)]
    found = []
    for folder, near in folders:
        files = [folder / name for name in _NAMES if (folder / name).is_file()]
        found += [(file, near) for file in files[:1]]
    return found


def _rows(file: Path, near: str) -> Iterator[Row]:
    if file.suffix == ".jsonl":
        for where, cells in read_json_lines(file):
            yield where, near, cells
        return
    records = read_records(str(file))
    for i, row in enumerate(records.rows):
        cells = {name: column[i] for name, column in records.columns.items()}
        yield f"{file} row {row}", near, cells


def _are_flags(rows: list[Row], names: list[str]) -> bool:
    return bool(names) and all(
        _flag(cells.get(name)) is not None or cells.get(name) in (None, "")
        for _, _, cells in rows
        for name in names
    )


def _flag(cell: object) -> int | None:
    return _FLAGS.get(str(cell).strip())


def _labels(where: str, column: str, cell: object) -> list[object]:
    if cell is None or cell == "":
        return []
    if isinstance(cell, str) and cell.lstrip()[:1] == "[":
        try:
            cell = json.loads(cell)
        except (ValueError, RecursionError):
            raise InputError(f"{where}: {column!r} holds {shown(cell)}, not a JSON list") from None
    if isinstance(cell, str):
        return [label for label in cell.split("|") if label.strip()]
    if isinstance(cell, list) and all(isinstance(label, str) for label in cell):
        return list(cell)
    raise InputError(f"{where}: {column!r} holds {shown(cell)}, neither a text nor a list of texts")


IMAGEFOLDER = Format(
    "imagefolder",
    "Hugging Face imagefolder: metadata.jsonl with file_name",
    detect,
    read_imagefolder,
    ("metadata.jsonl", "metadata.csv", "file_name", "labels"),
)
