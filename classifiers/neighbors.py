"""The table of nearest neighbours that all neighbour methods share: exact, in bounded memory."""

import numpy as np
from numpy.typing import NDArray

from ._targets import Floats

SPARE = 16  # candidates beyond k that absorb the rounding of the fast distances
BLOCK_CELLS = 1 << 23  # fast distances, or gathered coordinates, held at once


class NeighborTable:
    """The k nearest stored rows of any row, by Euclidean distance.

    One matrix product gives fast, slightly rounded distances; the best candidates are measured
    again exactly, so that neither the size of a batch nor that rounding changes the answer. Equal
    distances are ordered by row number. A stored row is left out of its own neighbours by its
    number: its duplicates stay in.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_features)
    """

    def __init__(self, X: Floats) -> None:
        self.X = X
        self.center = X.mean(axis=0, dtype=np.float64).astype(X.dtype)  # far from 0 rounds worse
        self.centered = X - self.center
        self.squares = np.einsum("ij,ij->i", self.centered, self.centered, dtype=np.float64)

    def among_themselves(self, k: int) -> NDArray[np.intp]:
        """Give the neighbours of the stored rows, each without itself.

        Returns
        -------
        ndarray of int of shape (n_rows, k)
            Row numbers, nearest first; fewer columns if there are not k others.
        """
        return self._search(self.X, min(k, len(self.X) - 1), among_themselves=True)

    def of(self, X: Floats, k: int) -> NDArray[np.intp]:
        """Give the neighbours of new rows.

        Returns
        -------
        ndarray of int of shape (len(X), k)
            Row numbers, nearest first; fewer columns if there are not k rows.
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
        centered = (X - self.center).astype(self.X.dtype, copy=False)
        fast = self.squares - 2.0 * (centered @ self.centered.T)  # up to the row's own square
        if own is not None:
            fast[np.arange(len(X)), own] = np.inf
        n_candidates = min(k + SPARE, len(self.X))
        if n_candidates == len(self.X):
            candidates = np.broadcast_to(np.arange(n_candidates), fast.shape)
            bound = np.full(len(X), np.inf)
        else:
            parts = np.argpartition(fast, n_candidates, axis=1)
            candidates = np.sort(parts[:, :n_candidates], axis=1)
            bound = np.take_along_axis(fast, parts[:, n_candidates : n_candidates + 1], 1)[:, 0]
        exact = self._measure(X, candidates)
        if own is not None:
            exact[candidates == own[:, None]] = np.inf
        order = np.argsort(exact, axis=1, kind="stable")[:, :k]  # candidates stand in row order
        found = np.take_along_axis(candidates, order, axis=1)

        # Everything that is not a candidate is at least `bound` away, but for the rounding.
        own_squares = np.einsum("ij,ij->i", centered, centered, dtype=np.float64)
        rounding = 4 * X.shape[1] ** 0.5 * np.finfo(self.X.dtype).eps
        slack = rounding * (own_squares + self.squares.max())
        farthest = np.take_along_axis(exact, order, axis=1)[:, -1]
        for row in np.flatnonzero(farthest >= bound + own_squares - slack):
            distances = self._measure(X[row : row + 1], np.arange(len(self.X))[None])[0]
            if own is not None:
                distances[own[row]] = np.inf
            found[row] = np.argsort(distances, kind="stable")[:k]
        return found

    def _measure(self, X: Floats, candidates: NDArray[np.intp]) -> Floats:
        """Square distances, each summed alike whatever stands around it."""
        distances = np.empty(candidates.shape)
        step = max(1, BLOCK_CELLS // (candidates.shape[1] * X.shape[1]))
        for start in range(0, len(X), step):
            rows = slice(start, start + step)
            gaps = X[rows, None, :].astype(np.float64) - self.X[candidates[rows]]
            np.square(gaps, out=gaps)
            distances[rows] = gaps.sum(axis=2)
        return distances
