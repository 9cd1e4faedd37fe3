"""Rows of a table that name the same file."""

import os
from dataclasses import replace

import numpy as np

from ...utils import InputError
from .label_table import LabelTable
from .records import shown


def merge_same_image(table: LabelTable) -> LabelTable:
    """Merge rows that name the same file, as COCO's ids may do.

    Raises
    ------
    InputError
        If the rows of a file are in different parts or groups.
    """
    if table.X is not None:
        return table
    keys = [
        os.path.normpath(path) if "./" in path or "//" in path else path for path in table.paths
    ]
    first: dict[str, int] = {}
    row_of = np.array([first.setdefault(key, i) for i, key in enumerate(keys)], dtype=np.intp)
    if len(first) == len(keys):
        return table
    for name in ("split", "group"):
        part = getattr(table, name)
        if part is None:
            continue
        for i in np.flatnonzero(part != part[row_of])[:1].tolist():
            raise InputError(
                f"{table.where(i)}: image {shown(table.images[i])} is there twice, with {name} "
                f"{part[row_of[i]]} and {part[i]}; keep one of them"
            )
    Y, known = table.Y.copy(), table.known.copy()
    counts = None if table.counts is None else table.counts.copy()
    for i in np.flatnonzero(row_of != np.arange(len(keys))).tolist():
        k = row_of[i]
        known[k] = (known[k] & known[i]) | (Y[k] | Y[i]).astype(bool)
        Y[k] |= Y[i]
        if counts is not None:
            counts[k] += counts[i]
    kept = np.unique(row_of)
    note = (
        f"{table.source}: {len(keys) - len(kept):,} of {len(keys):,} images name the file "
        f"of another; their labels are merged, which leaves {len(kept):,} images"
    )
    merged = replace(table, Y=Y, known=known, counts=counts, notes=(*table.notes, note))
    return merged.take(kept)
