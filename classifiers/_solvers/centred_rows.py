"""Feature rows that are centred on access, block by block, without a copy of the matrix."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .._base import Floats, raw_coefficients

BLOCK_CELLS = 1 << 21  # values centred at a time
MAX_CACHED_BYTES = 1 << 28  # up to this size the centred rows are cached


class CentredRows:
    """Rows of features, centred and optionally standardised on access.

    Large means increase rounding errors in float32 and couple the intercept with the coefficients.
    Centring avoids both and leaves the model unchanged, because the intercept is not penalised.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_features)
        Not copied if it is large; may be a memory map.
    row_weight : ndarray of shape (n_rows,), default=None
    standardize : bool, default=False
        Divide each feature by its standard deviation, constant features by 1.

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
        self.cached: Floats | None = None
        self.mean, self.scale = _moments(self.X, row_weight, standardize)
        if self.X.nbytes <= MAX_CACHED_BYTES:
            self.cached = self.part(slice(None))

    def blocks(self) -> Iterator[slice]:
        """Yield slices of rows that fit in the processor caches."""
        return _parts(self.shape)

    def part(self, rows: slice) -> Floats:
        """Return the centred rows of a slice."""
        if self.cached is not None:
            return self.cached[rows]
        block: Floats = self.X[rows] - self.mean
        if self.scale is not None:
            block /= self.scale
        return block

    def times(self, W: Floats) -> Floats:
        """Compute the product with `W` of shape (n_features, n_columns)."""
        Z = np.zeros((self.shape[0], W.shape[1]), dtype=W.dtype)
        if not W.any():  # the usual starting point
            return Z
        for rows in self.blocks():
            np.matmul(self.part(rows), W, out=Z[rows])
        return Z

    def transposed_times(self, R: Floats) -> Floats:
        """Compute the product of the transpose with `R` of shape (n_rows, n_columns)."""
        G = np.zeros((self.shape[1], R.shape[1]), dtype=R.dtype)
        for rows in self.blocks():
            G += self.part(rows).T @ R[rows]
        return G

    def coefficients(self, P: Floats) -> tuple[Floats, Floats]:
        """Convert parameters of the centred rows, intercepts last, to those of the original rows.

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
    """Return the weighted mean and, optionally, the standard deviation of each feature."""
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
    variance = squares / mass - (off / mass) ** 2  # corrects for the rounded mean
    rounding = (np.finfo(X.dtype).eps * mean.astype(np.float64)) ** 2 * len(X)
    scale = np.where(variance > rounding, np.sqrt(np.maximum(variance, 0)), 1)
    return mean, scale.astype(X.dtype)
