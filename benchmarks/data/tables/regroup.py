"""Changing the labels of a table: each old label becomes one or several new ones."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from .label_table import LabelTable


def regroup_labels(table: LabelTable, parts: Sequence[Sequence[str]]) -> LabelTable:
    """Return the table with other labels.

    An image has a new label if it has any of the old ones that contain it, and lacks it if it lacks
    all of these; otherwise the label is unknown.

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
    contains = np.zeros((table.n_labels, len(names)), dtype=bool)
    for j, of_label in enumerate(parts):
        contains[j, [names.index(part) for part in of_label]] = True
    Y = np.zeros((table.n_images, len(names)), dtype=np.uint8)
    known = np.ones(Y.shape, dtype=bool)
    counts = None if table.counts is None else np.zeros(Y.shape, dtype=np.int64)
    for k in range(len(names)):
        old = contains[:, k]
        Y[:, k] = table.Y[:, old].any(axis=1)
        known[:, k] = (Y[:, k] == 1) | table.known[:, old].all(axis=1)
        if counts is not None and table.counts is not None:
            counts[:, k] = table.counts[:, old].sum(axis=1)
    return replace(table, labels=tuple(names), Y=Y, known=known, counts=counts, label_ids=None)
