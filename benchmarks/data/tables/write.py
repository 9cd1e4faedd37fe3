"""Write a label table to a file."""

import csv
import json
import os
import re
from pathlib import Path
from typing import Any

from ...utils import InputError
from .columns import RESERVED
from .label_cells import MISSING, SEPARATOR
from .label_table import LabelTable
from .literals import looks_like_list

_JOINERS = re.compile(r"[\s,;#/+_&-]")
_SUFFIXES = (".csv", ".jsonl", ".ndjson", ".parquet")


def write_label_table(table: LabelTable, path: str | os.PathLike[str]) -> None:
    """Write a label table that can be read back without a change.

    Labels are listed in one column if that is sufficient. If a label is unknown for an image, has
    no image, or is not in alphabetical order, each label gets a 0/1 column.
    Relative image names are written relative to the new file.

    Parameters
    ----------
    table : LabelTable
        The table to write.
    path : path-like
        The file; its suffix (.csv, .jsonl, .ndjson, .parquet) decides the format.

    Raises
    ------
    InputError
        If the suffix is unknown, or a label cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> table = LabelTable(
    ...     "t", "t.csv", ["/p/a.jpg"], ["/p/a.jpg"], ["cat", "dog"], [[1, 1]], [[True, True]]
    ... )
    >>> path = Path(tempfile.mkdtemp()) / "pets.jsonl"
    >>> write_label_table(table, path)
    >>> print(path.read_text(), end="")
    {"image": "/p/a.jpg", "labels": ["cat", "dog"]}
    """
    target = Path(path)
    suffix = target.suffix.lower()
    if suffix not in _SUFFIXES:
        raise InputError(f"{target}: the suffix must be one of {', '.join(_SUFFIXES)}")
    columns: dict[str, list[Any]] = {"image": _images(table, target.absolute().parent)}
    listed = _can_be_listed(table)
    columns |= {"labels": _lists(table)} if listed else _flags(table, target)
    for name in ("split", "group"):
        if (part := getattr(table, name)) is not None:
            columns[name] = part.tolist()
    if suffix == ".csv":
        if listed:
            columns["labels"] = _cells(table, columns["labels"])
        _write_csv(columns, target)
    elif suffix == ".parquet":
        _write_parquet(columns, target)
    else:
        _write_jsonl(columns, target)


def _images(table: LabelTable, folder: Path) -> list[str]:
    if not any(table.paths):  # ready features
        return list(table.images)
    return [
        image
        if os.path.isabs(image) or os.path.join(folder, image) == path  # noqa: PTH117, PTH118
        else os.path.relpath(path, folder)
        for image, path in zip(table.images, table.paths, strict=True)
    ]


def _cells(table: LabelTable, lists: list[list[str]]) -> list[str]:
    """Join labels by ``|``, or write JSON lists if names could be read as joined labels."""
    single = max(map(len, lists)) < 2
    joined = any(_JOINERS.search(label) for label in table.labels)
    if (single and joined) or any(map(looks_like_list, table.labels)):
        return [json.dumps(labels, ensure_ascii=False) for labels in lists]
    return [SEPARATOR.join(labels) for labels in lists]


def _can_be_listed(table: LabelTable) -> bool:
    return bool(
        table.known.all()
        and table.Y.any(axis=0).all()
        and list(table.labels) == sorted(table.labels)
        and not any(label.lower() in MISSING for label in table.labels)
    )


def _lists(table: LabelTable) -> list[list[str]]:
    lists: list[list[str]] = [[] for _ in table.images]
    for i, j in zip(*(part.tolist() for part in table.Y.nonzero()), strict=True):
        lists[i].append(table.labels[j])
    return lists


def _flags(table: LabelTable, target: Path) -> dict[str, list[int | None]]:
    flags: dict[str, list[int | None]] = {}
    for j, label in enumerate(table.labels):
        if label.lower() in RESERVED:
            raise InputError(f"{target}: a column cannot be called {label!r}; rename the label")
        pairs = zip(table.Y[:, j].tolist(), table.known[:, j].tolist(), strict=True)
        flags[label] = [value if known else None for value, known in pairs]
    return flags


def _write_csv(columns: dict[str, list[Any]], target: Path) -> None:
    # The writer does not quote a first space, which readers drop, or a carriage return.
    texts = (cell for name, cells in columns.items() for cell in (name, *cells))
    odd = any(isinstance(cell, str) and (cell[:1] == " " or "\r" in cell) for cell in texts)
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(
            file, lineterminator="\n", quoting=csv.QUOTE_ALL if odd else csv.QUOTE_MINIMAL
        )
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


def _write_jsonl(columns: dict[str, list[Any]], target: Path) -> None:
    with target.open("w", encoding="utf-8", newline="\n") as file:
        for record in zip(*columns.values(), strict=True):
            row = dict(zip(columns, record, strict=True))
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _write_parquet(columns: dict[str, list[Any]], target: Path) -> None:
    import pyarrow as pa  # slow to import, and needed for this format only
    import pyarrow.parquet as pq

    pq.write_table(pa.table(columns), target)
