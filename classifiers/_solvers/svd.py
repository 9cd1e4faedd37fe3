"""Singular value decompositions of the features: full, randomised, and of the row space."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .._base import Floats, raw_coefficients
from .centred_rows import CentredRows

BLOCK_CELLS = 1 << 21  # values rotated at a time


@dataclass(frozen=True)
class SVD:
    """Singular value decomposition A = U S V' of centred, weighted features.

    Attributes
    ----------
    X : ndarray of shape (n_rows, n_features)
        As given; may be a memory map.
    weight : ndarray of float64 of shape (n_rows,)
        Rows of zero weight are ignored.
    mean : ndarray of float64 of shape (n_features,)
    axes : ndarray of shape (n_features, n_axes)
        V, in the precision of the features, or float64 if there are no more rows than features.
    squares : ndarray of float64 of shape (n_axes,)
        The squared singular values.
    """

    X: Floats
    weight: NDArray[np.float64]
    mean: NDArray[np.float64]
    axes: Floats
    squares: NDArray[np.float64]

    def blocks(self) -> Iterator[tuple[slice, Floats]]:
        """Yield slices of rows with their coordinates U S along the axes."""
        dtype = self.axes.dtype
        root = np.sqrt(self.weight).astype(dtype)
        for rows in row_blocks(self.X):
            block = (self.X[rows] - self.mean).astype(dtype)
            block *= root[rows, None]
            yield rows, block @ self.axes


def compute_svd(X: Floats, weight: NDArray[np.float64]) -> SVD:
    """Compute the decomposition from the smaller of A'A and AA', in double precision."""
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
        return SVD(X, weight, mean, axes, squares[kept])
    gram = np.zeros((n_features, n_features))
    for rows in row_blocks(X):
        block = (X[rows] - mean) * root[rows]
        gram += block.T @ block
    squares, axes = np.linalg.eigh(gram)
    return SVD(X, weight, mean, axes.astype(X.dtype), np.maximum(squares, 0))


def row_blocks(X: Floats) -> Iterator[slice]:
    """Yield slices of rows of limited size."""
    step = max(1, BLOCK_CELLS // X.shape[1])
    for start in range(0, len(X), step):
        yield slice(start, start + step)


DIRECTIONS = 128  # leading directions that are computed
OVERSAMPLING = 16  # additional directions that improve the accuracy of those kept
SAMPLE_ROWS = 2048
MIN_SQUARE = 1e-10  # relative squared singular value below which it is rounding


@dataclass(frozen=True)
class LeadingDirections:
    """Leading principal directions of the features.

    Attributes
    ----------
    axes : ndarray of shape (n_features, n_directions)
        Orthonormal.
    spread : ndarray of shape (n_directions,)
        Weighted mean square along each.
    residual : float, or ndarray of shape (n_features,)
        Mean square of a feature in the orthogonal complement; one for all or one per feature.
    rows : slice
        The sampled rows that they were computed from.
    coordinates : ndarray of shape (n_sampled, n_directions)
        Coordinates of the sampled rows.
    """

    axes: Floats
    spread: Floats
    residual: float | Floats
    rows: slice
    coordinates: Floats


def leading_directions(
    rows: CentredRows, row_weight: Floats | None, *, whole: bool = False
) -> LeadingDirections:
    """Compute leading directions by a randomised SVD of sampled rows, with one power iteration.

    Parameters
    ----------
    rows : CentredRows
    row_weight : ndarray of shape (n_rows,), or None
    whole : bool, default=False
        Compute all directions from all rows.

    References
    ----------
    Halko, N., Martinsson, P.-G., Tropp, J. (2011). Finding structure with randomness: probabilistic
    algorithms for constructing approximate matrix decompositions. SIAM Review 53(2).
    """
    n_rows, n_features = rows.shape
    n_directions = n_features if whole else min(DIRECTIONS, n_features)
    sampled = slice(None, None, 1 if whole else -(-n_rows // SAMPLE_ROWS))
    sample = rows.part(sampled)
    weight = np.ones(len(sample), sample.dtype) if row_weight is None else row_weight[sampled]
    root = np.sqrt(weight / max(weight.sum(), np.finfo(sample.dtype).tiny))[:, None]
    weighted = sample * root.astype(sample.dtype)
    if whole or n_features <= DIRECTIONS + OVERSAMPLING:
        start = np.eye(n_features, dtype=sample.dtype)
    else:
        projection = np.random.default_rng(0).standard_normal(
            (len(sample), DIRECTIONS + OVERSAMPLING), dtype=np.float32
        )
        start = _orthonormal(weighted.T @ projection.astype(sample.dtype, copy=False))
        start = _orthonormal(weighted.T @ (weighted @ start))
    n_directions = min(n_directions, start.shape[1])
    projected = (weighted @ start).astype(np.float64)  # features may have very different scales
    spread, rotation = np.linalg.eigh(projected.T @ projected)
    spread, rotation = np.maximum(spread[::-1], 0), rotation[:, ::-1]
    kept = slice(n_directions)
    axes = (start @ rotation[:, kept]).astype(sample.dtype)
    left = float(np.einsum("ij,ij->", weighted, weighted)) - float(spread[kept].sum())
    residual = max(left, 0) / max(n_features - n_directions, 1)
    return LeadingDirections(axes, spread[kept], residual, sampled, sample @ axes)


def _orthonormal(A: Floats) -> Floats:
    """Compute an orthonormal basis of the column space, without directions due to rounding.

    Based on the Gram matrix, which is much faster than a QR decomposition.
    """
    columns = A.astype(np.float64)
    size, rotation = np.linalg.eigh(columns.T @ columns)
    kept = size > max(size.max(initial=0) * MIN_SQUARE, np.finfo(np.float64).tiny)
    basis: Floats = columns @ (rotation[:, kept] / np.sqrt(size[kept]))
    return basis.astype(A.dtype)


MIN_FEATURES_PER_ROW = 8  # from here on, working in the row space pays off


class RowSpaceRows(CentredRows):
    """Centred rows in orthonormal coordinates of their row space.

    Coefficients of L2-penalised models lie in the row space, and their norm is unchanged.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_features)
    row_weight : ndarray of shape (n_rows,), default=None
    """

    def __init__(self, X: Floats, row_weight: Floats | None = None) -> None:
        self.svd = compute_svd(X, np.ones(len(X)) if row_weight is None else row_weight)
        self.axes = self.svd.axes.astype(X.dtype)
        self.centre = self.svd.mean.astype(X.dtype)
        super().__init__((X - self.centre) @ self.axes, row_weight)

    def coefficients(self, P: Floats) -> tuple[Floats, Floats]:
        """Convert parameters, intercepts last, to those of the original rows."""
        along, intercept = super().coefficients(P)
        return raw_coefficients(along @ self.axes.T, intercept, self.centre, self.X.dtype)


def centred_rows(X: Floats, row_weight: Floats | None) -> CentredRows:
    """Return the centred rows, in row-space coordinates if there are many features."""
    if len(X) * MIN_FEATURES_PER_ROW <= X.shape[1]:
        return RowSpaceRows(X, row_weight)
    return CentredRows(X, row_weight)
