"""Which of a table's pictures a detector means."""

import os
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from ..tables import LabelTable
from .entries import Key


def rows_of_pictures(
    keys: Iterable[Key], table: LabelTable, rows: NDArray[np.intp]
) -> dict[Key, int]:
    """Give the row of each picture that is named so; none for a name that fits no picture, or two.

    A number is the table's own number of the picture (COCO), else the number that its file is
    called by. A text is the picture as the table names it, or its file's name, with or without
    suffix. Where a judged picture and another one are named so, the judged one is meant.

    Parameters
    ----------
    keys : iterable of int or str
    table : LabelTable
    rows : array of int
        The rows that are judged.

    Examples
    --------
    >>> names = ["a/07.jpg", "a/x.jpg", "b/x.jpg"]
    >>> table = LabelTable("t", "t", names, names, ["cat"], [[1], [0], [0]], [[1], [1], [1]])
    >>> rows_of_pictures([7, "07", "x.jpg", "b/x.jpg"], table, np.arange(3))
    {7: 0, '07': 0, 'b/x.jpg': 2}
    """
    others = np.setdiff1d(np.arange(table.n_images), rows)
    by_name = _by_name(table, others) | _by_name(table, rows)
    by_number = _by_number(table, others) | _by_number(table, rows)
    found = {}
    for key in keys:
        row = by_number.get(key) if isinstance(key, int) else _by_text(key, by_name, by_number)
        if row is not None:
            found[key] = row
    return found


def _by_text(
    key: str, by_name: Mapping[str, int | None], by_number: Mapping[int, int | None]
) -> int | None:
    name = key.replace("\\", "/").removeprefix("./")
    if name in by_name:
        return by_name[name]
    if name.isascii() and name.isdigit() and len(name) < 19:
        return by_number.get(int(name))
    return by_name.get(os.path.basename(name))  # noqa: PTH119


def _by_name(table: LabelTable, rows: NDArray[np.intp]) -> dict[str, int | None]:
    """Give the row of each whole name, file name and stem; None where two pictures share it."""
    found: dict[str, int | None] = {}
    whole = {table.images[row].replace("\\", "/").removeprefix("./"): row for row in rows.tolist()}
    for name, row in whole.items():
        file = os.path.basename(name)  # noqa: PTH119
        for short in {file, os.path.splitext(file)[0]}:  # noqa: PTH122
            found[short] = None if short in found else row
    return found | whole


def _by_number(table: LabelTable, rows: NDArray[np.intp]) -> dict[int, int | None]:
    found: dict[int, int | None] = {}
    for row in rows.tolist():
        if table.image_ids is not None:
            number = int(table.image_ids[row])
        else:
            stem = os.path.splitext(os.path.basename(table.images[row]))[0]  # noqa: PTH119, PTH122
            if not (stem.isascii() and stem.isdigit() and len(stem) < 19):
                continue
            number = int(stem)
        found[number] = None if number in found else row
    return found
