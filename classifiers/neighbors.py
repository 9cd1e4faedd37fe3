"""The table of nearest neighbours that all neighbour methods share: exact, in bounded memory."""

import numpy as np
from numpy.typing import NDArray

from ._targets import Floats

BLOCK_CELLS = 1 << 23  # fast distances held at once
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
        found = np.empty((len(X), k), dtype=np.intp)
        step = max(1, BLOCK_CELLS // len(self.X))
        for start in range(0, len(X), step):
            block = X[start : start + step]
            own = np.arange(start, start + len(block)) if among_themselves else None
            found[start : start + step] = self._search_block(block, k, own)
        return found

    def _search_block(self, X: Floats, k: int, own: NDArray[np.intp] | None) -> NDArray[np.intp]:
        if k == len(self.X):
            return np.tile(np.arange(k), (len(X), 1))
        centered = (X - self.center).astype(self.X.dtype, copy=False)
        fast = centered @ self.centered.T
        fast *= -2
        fast += self.squares  # the square of the distance, up to the row's own square
        if own is not None:
            fast[np.arange(len(X)), own] = np.inf
        next_best = np.partition(fast, k, axis=1)[:, k]
        own_squares = np.einsum("ij,ij->i", centered, centered)
        rounding = ROUNDING * X.shape[1] ** 0.5 * np.finfo(self.X.dtype).eps
        slack = rounding * (own_squares + self.squares.max())
        nearer = fast < (next_best - slack)[:, None]
        certain = nearer.sum(axis=1) == k
        found = np.empty((len(X), k), dtype=np.intp)
        found[certain] = np.nonzero(nearer[certain])[1].reshape(-1, k)
        for row in np.flatnonzero(~certain):
            candidates = np.flatnonzero(fast[row] <= next_best[row] + slack[row])
            if own is not None:
                candidates = candidates[candidates != own[row]]
            gaps = X[row].astype(np.float64) - self.X[candidates]
            order = np.argsort(np.square(gaps).sum(axis=1), kind="stable")[:k]
            found[row] = np.sort(candidates[order])
        return found
