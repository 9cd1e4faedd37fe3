"""The table of nearest neighbours that all neighbour methods share: exact, in bounded memory."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._base import Floats

BLOCK_CELLS = 1 << 22  # fast distances held at once
CACHED_CELLS = 1 << 19  # fast distances looked through at once: they stay in the cache
ROUNDING = 8  # of a difference of fast distances, in roots of the features' number


class NeighborTable:
    """The k nearest stored rows of any row, by Euclidean distance.

    One matrix product gives fast, slightly rounded distances. Where these leave it open which rows
    are the nearest, they are measured again exactly, so that neither the size of a batch nor that
    rounding changes the answer. Of equally distant rows the first ones count. A stored row is left
    out of its own neighbours by its number: its duplicates stay in.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_features)
    """

    def __init__(self, X: Floats) -> None:
        self.X = X
        self.center = X.mean(axis=0, dtype=np.float64).astype(X.dtype)  # far from 0 rounds worse
        self.centered = X - self.center
        self.squares = np.einsum("ij,ij->i", self.centered, self.centered)

    def among_themselves(self, k: int) -> NDArray[np.intp]:
        """Give the neighbours of the stored rows, each without itself.

        Returns
        -------
        ndarray of int of shape (n_rows, k)
            Row numbers in rising order; fewer columns if there are not k others.
        """
        return self._search(self.X, min(k, len(self.X) - 1), among_themselves=True)

    def of(self, X: Floats, k: int) -> NDArray[np.intp]:
        """Give the neighbours of new rows.

        Returns
        -------
        ndarray of int of shape (len(X), k)
            Row numbers in rising order; fewer columns if there are not k rows.
        """
        return self._search(X, min(k, len(self.X)), among_themselves=False)

    def _search(self, X: Floats, k: int, *, among_themselves: bool) -> NDArray[np.intp]:
        if k == len(self.X):
            return np.tile(np.arange(k), (len(X), 1))
        found = np.empty((len(X), k), dtype=np.intp)
        step = max(1, BLOCK_CELLS // len(self.X))
        room = np.empty((min(step, len(X)), len(self.X)), dtype=self.X.dtype)
        part = max(1, CACHED_CELLS // len(self.X))
        for start in range(0, len(X), step):
            block = (X[start : start + step] - self.center).astype(self.X.dtype, copy=False)
            fast = np.matmul(-2 * block, self.centered.T, out=room[: len(block)])
            own_squares = np.einsum("ij,ij->i", block, block)
            for first in range(0, len(block), part):
                here = slice(first, first + part)
                rows = np.arange(start, start + len(block))[here]
                own = rows if among_themselves else None
                found[rows] = self._nearest(X[rows], k, own, fast[here], own_squares[here])
        return found

    def _nearest(
        self, X: Floats, k: int, own: NDArray[np.intp] | None, fast: Floats, own_squares: Floats
    ) -> NDArray[np.intp]:
        """Give the neighbours of a few rows, from -2 times their products with the stored ones."""
        fast += self.squares  # the square of the distance, up to the row's own square
        if own is not None:
            fast[np.arange(len(X)), own] = np.inf
        next_best = np.partition(fast, k, axis=1)[:, k]
        rounding = ROUNDING * X.shape[1] ** 0.5 * np.finfo(self.X.dtype).eps
        slack = rounding * (own_squares + self.squares.max())
        row, column = np.divmod(np.flatnonzero(fast < (next_best - slack)[:, None]), fast.shape[1])
        certain = np.bincount(row, minlength=len(X)) == k
        found = np.empty((len(X), k), dtype=np.intp)
        found[certain] = column[certain[row]].reshape(-1, k)
        for doubtful in np.flatnonzero(~certain):
            candidates = np.flatnonzero(fast[doubtful] <= next_best[doubtful] + slack[doubtful])
            if own is not None:
                candidates = candidates[candidates != own[doubtful]]
            gaps = X[doubtful].astype(np.float64) - self.X[candidates]
            order = np.argsort(np.square(gaps).sum(axis=1), kind="stable")[:k]
            found[doubtful] = np.sort(candidates[order])
        return found


def count_labels(table: NDArray[np.intp], Y: NDArray[Any]) -> NDArray[np.intp]:
    """Count each label among the neighbours of each row.

    Parameters
    ----------
    table : ndarray of int of shape (n_images, n_neighbors)
        Row numbers of `Y`.
    Y : ndarray of shape (n_rows, n_labels)
        0 and 1.
    """
    counts = np.zeros((len(table), Y.shape[1]), dtype=np.intp)
    for neighbor in table.T:  # never holds (n_images, k, n_labels) at once
        counts += Y[neighbor]
    return counts
