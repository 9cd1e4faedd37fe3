"""Turning cells into label matrices: one cell that lists labels, or one 0/1 cell per label."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .records import Records, shown

SEPARATOR = "|"
"""What joins the labels of one picture in one cell."""

Labels = tuple[list[str], NDArray[np.uint8], NDArray[np.bool_]]
"""Label names, `Y` and `known`."""

_MOST_CELLS = 2**33
_UNKNOWN = 2
MISSING = ("", "na", "n/a", "<na>", "nan", "null", "none")
"""What programs write into the cell of a text file for nothing; in any case of letters."""

FLAGS = (
    dict.fromkeys(MISSING, _UNKNOWN)
    | dict.fromkeys(("0", "0.0", "false", "no"), 0)
    | dict.fromkeys(("1", "1.0", "true", "yes"), 1)
)
"""What a cell of a 0/1 column means; in any case of letters."""


def from_label_lists(records: Records, column: str) -> Labels:
    """Read one column of label lists.

    The labels are sorted by name, so that they do not depend on the order of the pictures.
    """
    cells = records.columns[column]
    keys = [tuple(cell) if isinstance(cell, list) else cell for cell in cells]
    try:
        distinct = dict.fromkeys(keys)  # label sets repeat: each is taken apart only once
    except TypeError:
        wrong = next(i for i, key in enumerate(keys) if not _is_hashable(key))
        records.refuse(wrong, _not_labels(cells[wrong]))
    sets = [_labels_of(records, keys, key) for key in distinct]
    names = sorted(set().union(*sets))
    if not names:
        records.refuse_header(f"no picture has a label; fill the column {column!r}")
    if len(names) * len(keys) > _MOST_CELLS:
        records.refuse_header(
            f"{len(names)} different labels are too many for {len(keys)} images; "
            f"does {column!r} hold free text?"
        )
    position = {name: j for j, name in enumerate(names)}
    patterns = np.zeros((len(sets), len(names)), dtype=np.uint8)
    for i, labels in enumerate(sets):
        patterns[i, [position[label] for label in labels]] = 1
    number = {key: i for i, key in enumerate(distinct)}
    Y = patterns[np.fromiter(map(number.__getitem__, keys), dtype=np.intp, count=len(keys))]
    return names, Y, np.ones(Y.shape, dtype=np.bool_)


def _is_hashable(key: object) -> bool:
    try:
        hash(key)
    except TypeError:
        return False
    return True


def _not_labels(cell: object) -> str:
    return f"{shown(cell)} is neither a list of texts nor a text joined by '|'"


def _labels_of(records: Records, keys: Sequence[object], key: object) -> list[str]:
    if key is None or key == "":
        return []
    if isinstance(key, str):
        labels = [label.strip() for label in key.split(SEPARATOR)]
        if labels == [""]:
            return []
        if len(labels) == 1 and labels[0].lower() in MISSING:
            problem = f"{shown(key)} for labels; leave the cell empty where there is none"
            records.refuse(keys.index(key), problem)
    elif isinstance(key, tuple) and all(isinstance(label, str) for label in key):
        labels = [label.strip() for label in key]
    else:
        records.refuse(keys.index(key), _not_labels(key))
    for label in labels:
        if not label:
            problem = f"an empty label in {shown(key)}; remove it or give it a name"
            records.refuse(keys.index(key), problem)
        if SEPARATOR in label:
            problem = f"label {shown(label)} holds '|', which joins labels; rename it"
            records.refuse(keys.index(key), problem)
    if len(set(labels)) != len(labels):
        twice = next(label for label in labels if labels.count(label) > 1)
        problem = f"label {shown(twice)} stands twice in {shown(key)}; write it once"
        records.refuse(keys.index(key), problem)
    return labels


def from_flags(records: Records, names: Sequence[str]) -> Labels:
    """Read one 0/1 column per label; an empty cell is unknown."""
    Y = np.zeros((len(records.rows), len(names)), dtype=np.uint8)
    known = np.ones(Y.shape, dtype=np.bool_)
    for j, name in enumerate(names):
        cells = records.columns[name]
        try:
            codes = {cell: _flag(cell) for cell in dict.fromkeys(cells)}
            values = np.fromiter(map(codes.__getitem__, cells), dtype=np.uint8, count=len(cells))
        except (KeyError, TypeError):
            wrong = next(i for i, cell in enumerate(cells) if not _is_flag(cell))
            records.refuse(
                wrong,
                f"column {shown(name)} holds {shown(cells[wrong])}, not 1 (has the label), "
                "0 (has it not) or nothing (unknown)",
            )
        Y[:, j] = values == 1
        known[:, j] = values != _UNKNOWN
    if not Y.any():
        records.refuse_header("no picture has a label; write 1 where a picture has it")
    return list(names), Y, known


def _flag(cell: object) -> int:
    # Booleans, floats and NaN come from typed files and from pandas.
    if cell is None or cell != cell:
        return _UNKNOWN
    if isinstance(cell, str):
        return FLAGS[cell.strip().lower()]
    return {0: 0, 1: 1}[cell]  # type: ignore[index]


def _is_flag(cell: object) -> bool:
    try:
        _flag(cell)
    except (KeyError, TypeError):
        return False
    return True
