"""One decomposition of the features, from which every ridge penalty's answer is read off."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ._targets import Floats

BLOCK_CELLS = 1 << 21  # features turned at once


@dataclass(frozen=True)
class Spectrum:
    """The centred, weighted features A = U S V' of some rows.

    Attributes
    ----------
    X : ndarray of shape (n_rows, n_features)
        As given, maybe a memory map.
    weight : ndarray of float64 of shape (n_rows,)
        Zero leaves a row out.
    mean : ndarray of float64 of shape (n_features,)
    axes : ndarray of shape (n_features, n_axes)
        V, in the precision of the features, or of float64 where rows are few.
    squares : ndarray of float64 of shape (n_axes,)
        The squared singular values.
    """

    X: Floats
    weight: NDArray[np.float64]
    mean: NDArray[np.float64]
    axes: Floats
    squares: NDArray[np.float64]

    def blocks(self) -> Iterator[tuple[slice, Floats]]:
        """Give, block by block, the rows' U S: their coordinates along the axes."""
        dtype = self.axes.dtype
        root = np.sqrt(self.weight).astype(dtype)
        for rows in row_blocks(self.X):
            block = (self.X[rows] - self.mean).astype(dtype)
            block *= root[rows, None]
            yield rows, block @ self.axes


def decompose(X: Floats, weight: NDArray[np.float64]) -> Spectrum:
    """Find the spectrum from the smaller of A'A and AA', summed in double precision."""
    n_rows, n_features = X.shape
    mean = np.zeros(n_features)
    for rows in row_blocks(X):
        mean += weight[rows].astype(np.float64) @ X[rows]
    mean /= weight.sum()
    root = np.sqrt(weight)[:, None]
    if n_rows <= n_features:
        A = (X - mean) * root
        squares, U = np.linalg.eigh(A @ A.T)
        kept = squares > np.finfo(np.float64).eps * n_rows * squares[-1]
        axes = (A.T @ U[:, kept]) / np.sqrt(squares[kept])
        return Spectrum(X, weight, mean, axes, squares[kept])
    gram = np.zeros((n_features, n_features))
    for rows in row_blocks(X):
        block = (X[rows] - mean) * root[rows]
        gram += block.T @ block
    squares, axes = np.linalg.eigh(gram)
    return Spectrum(X, weight, mean, axes.astype(X.dtype), np.maximum(squares, 0))


def row_blocks(X: Floats) -> Iterator[slice]:
    """Give the parts in which rows are read."""
    step = max(1, BLOCK_CELLS // X.shape[1])
    for start in range(0, len(X), step):
        yield slice(start, start + step)
