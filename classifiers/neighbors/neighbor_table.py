"""Exact nearest-neighbour search in bounded memory, shared by the neighbour methods."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._base import Floats

BLOCK_CELLS = 1 << 22  # approximate distances held at a time
CACHED_CELLS = 1 << 19  # approximate distances processed at a time, to stay in the cache
ROUNDING = 8  # error bound of approximate distances, times the square root of n_features


class NeighborTable:
    """Exact search of the k nearest stored rows by Euclidean distance.

    One matrix product yields approximate distances. Where their rounding errors leave the nearest
    rows ambiguous, distances are computed again exactly, so that results depend neither on the
    batch size nor on rounding. Ties are broken by row index. A stored row is excluded from its own
    neighbours by its index; its duplicates are not.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_features)
    """

    def __init__(self, X: Floats) -> None:
        self.X = X
        self.center = X.mean(axis=0, dtype=np.float64).astype(
            X.dtype
        )  # large means increase rounding errors
        self.centered = X - self.center
        self.squares = np.einsum("ij,ij->i", self.centered, self.centered)

    def among_themselves(self, k: int) -> NDArray[np.intp]:
        """Return the nearest neighbours of the stored rows, excluding themselves.

        Returns
        -------
        ndarray of int of shape (n_rows, k)
            Row indices in ascending order; fewer columns if there are fewer than k other rows.
        """
        return self._search(self.X, min(k, len(self.X) - 1), among_themselves=True)

    def of(self, X: Floats, k: int) -> NDArray[np.intp]:
        """Return the nearest neighbours of new rows.

        Returns
        -------
        ndarray of int of shape (len(X), k)
            Row indices in ascending order; fewer columns if there are fewer than k rows.
        """
        return self._search(X, min(k, len(self.X)), among_themselves=False)

    def _search(self, X: Floats, k: int, *, among_themselves: bool) -> NDArray[np.intp]:
        if k == len(self.X):
            return np.tile(np.arange(k), (len(X), 1))
        nearest = np.empty((len(X), k), dtype=np.intp)
        step = max(1, BLOCK_CELLS // len(self.X))
        buffer = np.empty((min(step, len(X)), len(self.X)), dtype=self.X.dtype)
        part = max(1, CACHED_CELLS // len(self.X))
        for start in range(0, len(X), step):
            block = (X[start : start + step] - self.center).astype(self.X.dtype, copy=False)
            fast = np.matmul(-2 * block, self.centered.T, out=buffer[: len(block)])
            own_squares = np.einsum("ij,ij->i", block, block)
            for first in range(0, len(block), part):
                here = slice(first, first + part)
                rows = np.arange(start, start + len(block))[here]
                own = rows if among_themselves else None
                nearest[rows] = self._nearest(X[rows], k, own, fast[here], own_squares[here])
        return nearest

    def _nearest(
        self, X: Floats, k: int, own: NDArray[np.intp] | None, fast: Floats, own_squares: Floats
    ) -> NDArray[np.intp]:
        """Return the neighbours of a block, given -2 times its products with the stored rows."""
        fast += self.squares  # squared distances, up to the squared norm of the row
        if own is not None:
            fast[np.arange(len(X)), own] = np.inf
        next_best = np.partition(fast, k, axis=1)[:, k]
        rounding = ROUNDING * X.shape[1] ** 0.5 * np.finfo(self.X.dtype).eps
        tolerance = rounding * (own_squares + self.squares.max())
        row, column = np.divmod(
            np.flatnonzero(fast < (next_best - tolerance)[:, None]), fast.shape[1]
        )
        certain = np.bincount(row, minlength=len(X)) == k
        nearest = np.empty((len(X), k), dtype=np.intp)
        nearest[certain] = column[certain[row]].reshape(-1, k)
        for ambiguous in np.flatnonzero(~certain):
            candidates = np.flatnonzero(
                fast[ambiguous] <= next_best[ambiguous] + tolerance[ambiguous]
            )
            if own is not None:
                candidates = candidates[candidates != own[ambiguous]]
            gaps = X[ambiguous].astype(np.float64) - self.X[candidates]
            order = np.argsort(np.square(gaps).sum(axis=1), kind="stable")[:k]
            nearest[ambiguous] = np.sort(candidates[order])
        return nearest


def count_labels(table: NDArray[np.intp], Y: NDArray[Any]) -> NDArray[np.intp]:
    """Count each label among the neighbours of each row.

    Parameters
    ----------
    table : ndarray of int of shape (n_images, n_neighbors)
        Row indices into `Y`.
    Y : ndarray of shape (n_rows, n_labels)
        0 and 1.
    """
    counts = np.zeros((len(table), Y.shape[1]), dtype=np.intp)
    for neighbor in table.T:  # avoids an array of shape (n_images, k, n_labels)
        counts += Y[neighbor]
    return counts
