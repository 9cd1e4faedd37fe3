"""Merge labels of a table, or rows that name the same file."""

import os
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ...utils import InputError
from .label_table import LabelTable
from .records import shown


def regroup_labels(table: LabelTable, parts: Sequence[Sequence[str]]) -> LabelTable:
    """Return the table with other labels.

    An image has a new label if it has one of the old labels that contain it. The new label is
    absent if all of these are absent, and unknown otherwise.

    Parameters
    ----------
    table : LabelTable
    parts : sequence of sequence of str
        The new labels that each old one contains.

    Examples
    --------
    >>> table = LabelTable("t", "t", ["/a"], ["a"], ["sea", "sea sky"], [[0, 1]], [[1, 1]])
    >>> regroup_labels(table, [["sea"], ["sea", "sky"]]).Y.tolist()
    [[1, 1]]
    """
    names = list(dict.fromkeys(part for of_label in parts for part in of_label))
    if list(table.labels) == sorted(table.labels):
        names.sort()
    position = {name: k for k, name in enumerate(names)}
    old_labels: list[list[int]] = [[] for _ in names]
    for j, of_label in enumerate(parts):
        for k in {position[part] for part in of_label}:
            old_labels[k].append(j)
    Y = np.zeros((table.n_images, len(names)), dtype=np.uint8)
    known = np.ones(Y.shape, dtype=bool)
    counts = None if table.counts is None else np.zeros(Y.shape, dtype=np.int64)
    for k, old in enumerate(old_labels):
        Y[:, k] = table.Y[:, old].any(axis=1)
        known[:, k] = (Y[:, k] == 1) | table.known[:, old].all(axis=1)
        if counts is not None and table.counts is not None:
            counts[:, k] = table.counts[:, old].sum(axis=1)
    return replace(table, labels=tuple(names), Y=Y, known=known, counts=counts, label_ids=None)


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
                f"{table.where(i)}: image {shown(table.images[i])} is listed twice, with {name} "
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
