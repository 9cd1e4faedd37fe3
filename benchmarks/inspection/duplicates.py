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


@dataclass(frozen=True)
class Copy:
    """A row that is the same picture as another one, or nearly so.

    Attributes
    ----------
    row, of : int
    cosine : float or None
        Of their features; None where the bytes are the same.
    """

    row: int
    of: int
    cosine: float | None = None


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

    The rows that are left are those that `copies_across_splits` does not name.

    Parameters
    ----------
    table, X, digests, near
        As `copies_across_splits` takes them.

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
    copies = [copy.row for copy in copies_across_splits(table, X, digests, near=near)]
    return np.setdiff1d(np.arange(table.n_images), np.array(copies, dtype=np.intp))


def copies_across_splits(
    table: LabelTable,
    X: NDArray[Any],
    digests: Sequence[str | None] | None = None,
    *,
    near: float | None = NEAR,
) -> list[Copy]:
    """Find the pictures that would give a judged picture away.

    With a split these are the training pictures that are in the test part too; what is judged stays
    as it is, so that figures remain comparable. Without one, since folds would part them, they are
    all but the first of the pictures that are the same.

    Parameters
    ----------
    table : LabelTable
    X : array of shape (n_images, ...)
        The features of the table's pictures, row by row.
    digests : sequence of str, optional
        The sha256 of each picture; of its features if not given.
    near : float or None
        Least cosine of features that counts as the same; None looks at the bytes only.

    Returns
    -------
    list of Copy
        By row; of a row that is like several, the most alike one is named.
    """
    found = _near_copies(X, table.split, near) if near is not None else {}
    found |= _identical_copies(content_digests(X) if digests is None else digests, table.split)
    return [found[row] for row in sorted(found)]


def _identical_copies(
    digests: Sequence[str | None], split: NDArray[np.str_] | None
) -> dict[int, Copy]:
    copies: dict[int, Copy] = {}
    for group in identical_groups(digests):
        judged = group[:1] if split is None else [row for row in group if split[row] == "test"]
        if judged:
            copies |= {row: Copy(row, judged[0]) for row in group if row not in judged}
    return copies


def _near_copies(X: NDArray[Any], split: NDArray[np.str_] | None, near: float) -> dict[int, Copy]:
    copies: dict[int, Copy] = {}
    for judged, others, cosine in _compare(X, split):
        # Of a split the training picture goes, of folds the later one.
        rows, like, alike = (
            (judged, others, cosine) if split is None else (others, judged, cosine.T)
        )
        best = alike.argmax(axis=1)
        reached = alike[np.arange(len(rows)), best]
        for i in np.flatnonzero(reached >= near):
            copy = Copy(int(rows[i]), int(like[best[i]]), float(reached[i]))
            known = copies.get(copy.row)
            if known is None or (known.cosine or 0.0) < reached[i]:
                copies[copy.row] = copy
    return copies


def _compare(
    X: NDArray[Any], split: NDArray[np.str_] | None
) -> Iterator[tuple[Rows, Rows, NDArray[np.float32]]]:
    """Give blocks of judged rows, the rows they are compared with, and all their cosines."""
    X = X.reshape(len(X), -1)
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
