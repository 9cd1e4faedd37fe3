"""Leaving out the pictures that would give a judged picture away."""

from dataclasses import replace
from typing import Any

import numpy as np

from .inspection import copies_across_splits
from .vectors import Vectors


def without_copies(vectors: Vectors, folds: int | None) -> tuple[Vectors, list[dict[str, Any]]]:
    """Leave out training pictures that are judged pictures too, by their bytes or nearly.

    Parameters
    ----------
    vectors : Vectors
    folds : int or None
        As in `outer_folds`: with folds the table's own split does not count, and of pictures that
        are the same the first stays.

    Returns
    -------
    Vectors
    list of dict
        For `results.json`: "image" and "where" of every picture left out, the "copy_of" it is, and
        the "cosine" of their features (None: the same bytes).
    """
    table = vectors.table
    asked = table if folds is None else replace(table, split=None)
    copies = copies_across_splits(asked, vectors.X, vectors.digests)
    told = [
        {
            "image": table.images[copy.row],
            "where": table.where(copy.row),
            "copy_of": table.images[copy.of],
            "cosine": None if copy.cosine is None else round(copy.cosine, 4),
        }
        for copy in copies
    ]
    keep = np.ones(table.n_images, dtype=np.bool_)
    keep[[copy.row for copy in copies]] = False
    digests = vectors.digests
    if digests is not None:
        digests = [digest for digest, kept in zip(digests, keep, strict=True) if kept]
    return replace(vectors, X=vectors.X[keep], table=table.take(keep), digests=digests), told
