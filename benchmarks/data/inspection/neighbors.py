"""Find pairs of feature vectors that may be versions of one image, in any feature space.

Cosines are not comparable between feature spaces: the vectors of a frozen network share a large
mean, and audio features may differ by a few degrees only. Therefore vectors are centred, projected
on their principal directions and scaled there, and a similarity is compared with those to the other
neighbours of both vectors. No constant depends on the network.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Rows = NDArray[np.intp]

NEIGHBORS = 10
_BLOCK = 1024
_MAX_DIRECTIONS = 512
_ROWS_PER_DIRECTION = 4
_SAMPLE = 20_000
_CELLS_FROM = 20_000
_CELLS_PER_ROW = 3
_LOCAL = 5


@dataclass(frozen=True)
class NeighborPairs:
    """Pairs of mutual near neighbours, the most suspicious pair first.

    Attributes
    ----------
    first, second : array of int, shape (n_pairs,)
        Rows; first < second.
    excess : array of float32, shape (n_pairs,)
        Similarity of the pair above that of the fifth neighbours of both rows (cross-domain
        similarity local scaling, Conneau et al. 2018).
    ratio : array of float32, shape (n_pairs,)
        Distance of the pair divided by that to the tenth neighbour of the row in the denser
        neighbourhood: near 1 for unrelated images, near 0 for versions.
    dimension : float
        Local intrinsic dimension, from the distances to the fifth and the tenth neighbours (Levina
        and Bickel 2004). In few dimensions small ratios occur by chance.
    """

    first: Rows
    second: Rows
    excess: Floats
    ratio: Floats
    dimension: float = np.inf


def whitened(X: NDArray[Any]) -> Floats:
    """Return unit vectors on the principal directions of X, each direction scaled alike.

    Parameters
    ----------
    X : array of shape (n_images, ...)

    Returns
    -------
    array of float32, shape (n_images, n_directions)
        Zero where a row equals the mean.
    """
    rows = np.asarray(X, dtype=np.float32).reshape(len(X), -1)
    sample = rows[:: max(1, len(rows) // _SAMPLE)]
    mean = sample.mean(axis=0, dtype=np.float64).astype(np.float32)
    scale = sample.std(axis=0, dtype=np.float64).astype(np.float32)
    scale = np.where(scale > 1e-6 * max(float(scale.max(initial=0)), 1e-30), scale, np.inf)
    standardised = (sample - mean) / scale
    count = min(_MAX_DIRECTIONS, rows.shape[1], max(1, len(sample) // _ROWS_PER_DIRECTION))
    if len(sample) > rows.shape[1]:
        _, directions = np.linalg.eigh(standardised.T @ standardised)
        directions = directions[:, ::-1][:, :count]
    else:
        values, left = np.linalg.eigh(standardised @ standardised.T)
        kept = left[:, ::-1][:, :count]
        lengths = np.sqrt(np.maximum(values[::-1][:count], 1e-12))
        directions = standardised.T @ kept / lengths
    spread = np.sqrt(np.mean((standardised @ directions) ** 2, axis=0))
    # Directions of little variance are noise in small samples: they are not scaled up fully.
    floor = 0.1 * float(spread.max(initial=0)) + 1e-12
    projected = ((rows - mean) / scale) @ (directions / np.maximum(spread, floor))
    length = np.linalg.norm(projected, axis=1, keepdims=True)
    return np.asarray(projected / np.maximum(length, 1e-12), dtype=np.float32)


def neighbor_pairs(unit: Floats, among: int = 5) -> NeighborPairs:
    """Find the pairs of rows that are among the nearest neighbours of each other.

    Parameters
    ----------
    unit : array of shape (n_images, n_directions)
        See `whitened`.
    among : int
        Both rows must be among this many nearest neighbours of the other.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(100, 20))
    >>> X[7] = X[3] + 0.1 * rng.normal(size=20)
    >>> pairs = neighbor_pairs(whitened(X))
    >>> int(pairs.first[0]), int(pairs.second[0]), bool(pairs.ratio[0] < 0.5)
    (3, 7, True)
    """
    n = len(unit)
    count = min(NEIGHBORS, n - 1)
    if count < 1:
        empty = np.zeros(0, dtype=np.intp)
        return NeighborPairs(empty, empty, empty.astype(np.float32), empty.astype(np.float32))
    index, similarity = _nearest(unit, count)
    local = similarity[:, min(_LOCAL, count) - 1]
    far = similarity[:, -1]
    rows = np.repeat(np.arange(n), min(among, count))
    others = index[:, :among].ravel()
    value = similarity[:, :among].ravel()
    mutual = (rows < others) & (index[others, :among] == rows[:, np.newaxis]).any(axis=1)
    rows, others, value = rows[mutual], others[mutual], value[mutual]
    excess = 2 * value - local[rows] - local[others]
    ratio = np.sqrt(
        np.maximum(1 - value, 0) / np.maximum(1 - np.maximum(far[rows], far[others]), 1e-6)
    )
    order = np.lexsort((others, rows, -excess))
    return NeighborPairs(
        rows[order],
        others[order],
        np.asarray(excess[order], dtype=np.float32),
        np.asarray(np.minimum(ratio[order], 1), dtype=np.float32),
        _dimension(local, far, min(_LOCAL, count), count),
    )


def _dimension(local: Floats, far: Floats, near: int, count: int) -> float:
    """Estimate the local dimension from the similarities of two neighbours of each row."""
    usable = (local < 1 - 1e-6) & (far > -1)
    if near >= count or not usable.any():
        return 1.0
    logs = 0.5 * np.log(np.maximum((1 - far[usable]) / (1 - local[usable]), 1))
    expected = float((1 / np.arange(near, count)).sum())
    return expected / max(float(logs.mean()), 1e-6)


def _nearest(unit: Floats, count: int) -> tuple[Rows, Floats]:
    """Return the nearest neighbours of each row, nearest first, and their similarities."""
    index = np.zeros((len(unit), count), dtype=np.intp)
    similarity = np.full((len(unit), count), -1, dtype=np.float32)
    for rows, others in _comparisons(unit):
        values = unit[rows] @ unit[others].T
        values[others[np.newaxis] == rows[:, np.newaxis]] = -2
        kept = min(count, len(others) - 1)
        best = np.argpartition(-values, kept - 1, axis=1)[:, :kept]
        value = np.take_along_axis(values, best, axis=1)
        _merge(index, similarity, rows, others[best], value)
    return index, similarity


def _merge(index: Rows, similarity: Floats, rows: Rows, found: Rows, value: Floats) -> None:
    """Keep the best of the known and the newly found neighbours, each once."""
    count = index.shape[1]
    known, best = index[rows], similarity[rows]
    new = ~(
        (found[:, :, np.newaxis] == known[:, np.newaxis, :]) & (best[:, np.newaxis, :] > -1)
    ).any(axis=2)
    value = np.where(new, value, -2)
    all_values = np.concatenate([best, value], axis=1)
    all_found = np.concatenate([known, found], axis=1)
    order = np.argsort(-all_values, axis=1, kind="stable")[:, :count]
    index[rows] = np.take_along_axis(all_found, order, axis=1)
    similarity[rows] = np.maximum(np.take_along_axis(all_values, order, axis=1), -1)


def _comparisons(unit: Floats) -> Iterator[tuple[Rows, Rows]]:
    """Yield rows and the rows they are compared with: all, or those in the same cells."""
    everything = np.arange(len(unit))
    if len(unit) <= _CELLS_FROM:
        for start in range(0, len(unit), _BLOCK):
            yield everything[start : start + _BLOCK], everything
        return
    centres = unit[np.random.default_rng(0).choice(len(unit), int(np.sqrt(len(unit))), False)]
    cells = np.concatenate(
        [
            np.argpartition(-(unit[start : start + _BLOCK] @ centres.T), _CELLS_PER_ROW, axis=1)[
                :, :_CELLS_PER_ROW
            ]
            for start in range(0, len(unit), _BLOCK)
        ]
    )
    order = np.argsort(cells.ravel(), kind="stable")
    ends = np.cumsum(np.bincount(cells.ravel(), minlength=len(centres)))
    for members in np.split(order // _CELLS_PER_ROW, ends[:-1]):
        for start in range(0, len(members), _BLOCK):
            if len(members) > 1:
                yield members[start : start + _BLOCK], members
