"""Feature rows with the mean taken off, block by block, so that no copy of them is made."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .._base import Floats, raw_coefficients

BLOCK_CELLS = 1 << 21  # features that are centred at once
HELD_BYTES = 1 << 28  # up to here the centred rows are kept, for they are asked for again and again


class CentredRows:
    """Rows of features, centred and if wanted standardised as they are read.

    Far from zero, short floats round worse and an intercept bends every direction: centred, neither
    happens, and an intercept that is not penalised makes good for it.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_features)
        Not copied where it is large; may be a memory map.
    row_weight : ndarray of shape (n_rows,), default=None
    standardize : bool, default=False
        Divide each feature by its standard deviation, a constant one by 1.

    Attributes
    ----------
    mean : ndarray of shape (n_features,)
    scale : ndarray of shape (n_features,), or None
    """

    def __init__(
        self, X: Floats, row_weight: Floats | None = None, *, standardize: bool = False
    ) -> None:
        self.X = np.asarray(X)
        self.shape = X.shape
        self.held: Floats | None = None
        self.mean, self.scale = _moments(self.X, row_weight, standardize)
        if self.X.nbytes <= HELD_BYTES:
            self.held = self.part(slice(None))

    def blocks(self) -> Iterator[slice]:
        """Give the rows' parts, each small enough for the processor's caches."""
        return _parts(self.shape)

    def part(self, rows: slice) -> Floats:
        """Give some of the rows."""
        if self.held is not None:
            return self.held[rows]
        block: Floats = self.X[rows] - self.mean
        if self.scale is not None:
            block /= self.scale
        return block

    def times(self, W: Floats) -> Floats:
        """Give the product (n_rows, n_columns) with `W` of shape (n_features, n_columns)."""
        Z = np.zeros((self.shape[0], W.shape[1]), dtype=W.dtype)
        if not W.any():  # where most searches start
            return Z
        for rows in self.blocks():
            np.matmul(self.part(rows), W, out=Z[rows])
        return Z

    def transposed_times(self, R: Floats) -> Floats:
        """Give the transpose's product (n_features, n_columns) with `R` (n_rows, n_columns)."""
        G = np.zeros((self.shape[1], R.shape[1]), dtype=R.dtype)
        for rows in self.blocks():
            G += self.part(rows).T @ R[rows]
        return G

    def coefficients(self, P: Floats) -> tuple[Floats, Floats]:
        """Turn coefficients of these rows, the intercepts last, into those of the given ones.

        Returns
        -------
        coef : ndarray of shape (n_labels, n_features)
        intercept : ndarray of shape (n_labels,)
        """
        W = P[:-1] if self.scale is None else P[:-1] / self.scale[:, None]
        return raw_coefficients(W.T, P[-1], self.mean, self.X.dtype)


def _parts(shape: tuple[int, ...]) -> Iterator[slice]:
    size = max(64, BLOCK_CELLS // shape[1])
    for start in range(0, shape[0], size):
        yield slice(start, min(start + size, shape[0]))


def _moments(
    X: Floats, row_weight: Floats | None, standardize: bool
) -> tuple[Floats, Floats | None]:
    """Give each feature's weighted mean and, if asked for, standard deviation."""
    weight = np.ones(len(X), dtype=X.dtype) if row_weight is None else row_weight.astype(X.dtype)
    mass = weight.sum(dtype=np.float64)
    total: NDArray[np.float64] = np.zeros(X.shape[1])
    for rows in _parts(X.shape):
        total += weight[rows] @ X[rows]
    mean = (total / mass).astype(X.dtype)
    if not standardize:
        return mean, None
    squares, off = np.zeros(X.shape[1]), np.zeros(X.shape[1])
    for rows in _parts(X.shape):
        gaps = X[rows] - mean
        off += weight[rows] @ gaps
        squares += weight[rows] @ np.square(gaps, out=gaps)
    variance = squares / mass - (off / mass) ** 2  # the mean is rounded
    rounding = (np.finfo(X.dtype).eps * mean.astype(np.float64)) ** 2 * len(X)
    scale = np.where(variance > rounding, np.sqrt(np.maximum(variance, 0)), 1)
    return mean, scale.astype(X.dtype)
