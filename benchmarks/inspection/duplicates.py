"""Pictures that are there twice: the same bytes, or nearly the same features."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..tables import LabelTable

NEAR = 0.9
"""Cosine of two pictures' features from which on they are shown as nearly the same.

Measured with the default backbone and view on 1,000 photographs of COCO: of the 499,500 pairs of
different photographs none reaches .82, while 99 in 100 of the copies saved again (quality 50) reach
.976, cropped by 5 % or mirrored .90, and saved at quality 20 .88. Copies of half the size reach .91
in half of the cases only: features see resolution. Network and view shift these figures.
"""

_BLOCK = 1024

Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Pair:
    """Two rows of a table and the cosine of their features."""

    first: int
    second: int
    cosine: float


def content_digests(X: NDArray[Any]) -> list[str]:
    """Give a digest of each row of features, for data sets without pictures."""
    return [hashlib.sha256(row.tobytes()).hexdigest() for row in np.ascontiguousarray(X)]


def identical_groups(digests: Sequence[str | None]) -> list[list[int]]:
    """Give the rows of each content that is there more than once.

    Examples
    --------
    >>> identical_groups(["a", "b", "a", None, None])
    [[0, 2]]
    """
    rows: dict[str, list[int]] = defaultdict(list)
    for row, digest in enumerate(digests):
        if digest is not None:
            rows[digest].append(row)
    return [group for group in rows.values() if len(group) > 1]


def nearest_pairs(
    X: NDArray[Any], split: NDArray[np.str_] | None = None, near: float = NEAR
) -> list[Pair]:
    """Give, for each judged picture, the training picture most like it, if it is near.

    Parameters
    ----------
    X : array of shape (n_images, n_features)
    split : array of {"train", "test"}, optional
        Without it, each picture is compared with those before it.
    near : float
        Least cosine.

    Returns
    -------
    list of Pair
        The training picture (or the earlier one) first; the most alike pair first.
    """
    pairs = []
    for judged, others, cosine in _compare(X, split):
        best = cosine.argmax(axis=1)
        found = np.flatnonzero(cosine[np.arange(len(best)), best] >= near)
        pairs += [
            Pair(int(others[best[i]]), int(judged[i]), float(cosine[i, best[i]])) for i in found
        ]
    return sorted(pairs, key=lambda pair: (-pair.cosine, pair.second))


def drop_duplicates_across_splits(
    table: LabelTable,
    X: NDArray[Any],
    digests: Sequence[str | None] | None = None,
    *,
    near: float | None = NEAR,
) -> Rows:
    """Say which rows to keep so that no judged picture is learned from.

    With a split, training pictures that are in the test part too go; what is judged stays as it
    is, so that figures remain comparable. Without one, since folds would part them, of pictures
    that are the same the first stays.

    Parameters
    ----------
    table : LabelTable
    X : array of shape (n_images, n_features)
        The features of the table's pictures, row by row.
    digests : sequence of str, optional
        The sha256 of each picture; of its features if not given.
    near : float or None
        Least cosine of features that counts as the same; None looks at the bytes only.

    Returns
    -------
    array of int
        The rows to keep, in order.

    Examples
    --------
    >>> names = ["a", "b", "c"]
    >>> table = LabelTable(
    ...     "t", "t.csv", names, names, ["cat"], [[1], [0], [1]], np.ones((3, 1)),
    ...     split=["train", "train", "test"],
    ... )
    >>> drop_duplicates_across_splits(table, np.array([[1, 0], [0, 1], [1, 0.01]])).tolist()
    [1, 2]
    """
    drop = np.zeros(table.n_images, dtype=np.bool_)
    for group in identical_groups(content_digests(X) if digests is None else digests):
        if table.split is None:
            drop[group[1:]] = True
        elif "test" in table.split[group]:
            drop[group] |= table.split[group] == "train"
    if near is not None:
        for judged, others, cosine in _compare(X, table.split):
            if table.split is None:
                drop[judged] |= (cosine >= near).any(axis=1)
            else:
                drop[others] |= (cosine >= near).any(axis=0)
    return np.flatnonzero(~drop)


def _compare(
    X: NDArray[Any], split: NDArray[np.str_] | None
) -> Iterator[tuple[Rows, Rows, NDArray[np.float32]]]:
    """Give blocks of judged rows, the rows they are compared with, and all their cosines."""
    length = np.linalg.norm(X, axis=1, keepdims=True)
    unit = np.asarray(X / np.maximum(length, np.finfo(np.float32).tiny), dtype=np.float32)
    judged = np.arange(len(X)) if split is None else np.flatnonzero(split == "test")
    train = None if split is None else np.flatnonzero(split == "train")
    for start in range(0, len(judged), _BLOCK):
        block = judged[start : start + _BLOCK]
        others = np.arange(block[-1]) if train is None else train
        if not others.size:
            continue
        cosine = unit[block] @ unit[others].T
        if train is None:
            cosine[others[np.newaxis] >= block[:, np.newaxis]] = -1
        yield block, others, cosine
