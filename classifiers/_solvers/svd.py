"""One decomposition of the features, from which every ridge penalty's answer is read off."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .._base import Floats, raw_coefficients
from .centred_rows import CentredRows

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


DIRECTIONS = 128  # more cost more than the steps they save
SPARE = 16  # directions sought beyond those kept: the last ones are found badly
SAMPLE_ROWS = 2048
LEAST = 1e-10  # of the largest square: smaller ones are rounding


@dataclass(frozen=True)
class LeadingDirections:
    """Where the features vary most.

    Attributes
    ----------
    axes : ndarray of shape (n_features, n_directions)
        Orthonormal.
    spread : ndarray of shape (n_directions,)
        Weighted mean of squares along each.
    beside : float, or ndarray of shape (n_features,)
        Mean of squares of a feature after they are taken away; one for all or one each.
    rows : ndarray of int of shape (n_sampled,)
        The rows they were found from.
    coordinates : ndarray of shape (n_sampled, n_directions)
        Of those rows.
    """

    axes: Floats
    spread: Floats
    beside: float | Floats
    rows: slice
    coordinates: Floats


def leading_directions(
    rows: CentredRows, row_weight: Floats | None, *, whole: bool = False
) -> LeadingDirections:
    """Find them by one step of subspace iteration from random mixtures of rows.

    Parameters
    ----------
    rows : CentredRows
    row_weight : ndarray of shape (n_rows,), or None
    whole : bool, default=False
        All directions, from all rows.

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
    weighed = sample * root.astype(sample.dtype)
    if whole or n_features <= DIRECTIONS + SPARE:
        start = np.eye(n_features, dtype=sample.dtype)
    else:
        mixtures = np.random.default_rng(0).standard_normal(
            (len(sample), DIRECTIONS + SPARE), dtype=np.float32
        )
        start = _orthonormal(weighed.T @ mixtures.astype(sample.dtype, copy=False))
        start = _orthonormal(weighed.T @ (weighed @ start))
    n_directions = min(n_directions, start.shape[1])
    image = (weighed @ start).astype(np.float64)  # features may be of very different sizes
    spread, turn = np.linalg.eigh(image.T @ image)
    spread, turn = np.maximum(spread[::-1], 0), turn[:, ::-1]
    kept = slice(n_directions)
    axes = (start @ turn[:, kept]).astype(sample.dtype)
    left = float(np.einsum("ij,ij->", weighed, weighed)) - float(spread[kept].sum())
    beside = max(left, 0) / max(n_features - n_directions, 1)
    return LeadingDirections(axes, spread[kept], beside, sampled, sample @ axes)


def _orthonormal(A: Floats) -> Floats:
    """Give an orthonormal basis of what the columns span, but for what rounding could have made.

    Many times as fast as a QR decomposition, and as good for directions that matter.
    """
    columns = A.astype(np.float64)
    size, turn = np.linalg.eigh(columns.T @ columns)
    kept = size > max(size.max(initial=0) * LEAST, np.finfo(np.float64).tiny)
    basis: Floats = columns @ (turn[:, kept] / np.sqrt(size[kept]))
    return basis.astype(A.dtype)


WORTH_SPANNING = 8  # features per row: fewer, and finding the span costs more than it saves


class SpannedRows(CentredRows):
    """Centred rows in as many orthogonal coordinates as there are rows, at most.

    Coefficients of penalised models are sums of rows: none is lost, none changes its norm.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_features)
    row_weight : ndarray of shape (n_rows,), default=None
    """

    def __init__(self, X: Floats, row_weight: Floats | None = None) -> None:
        self.spectrum = decompose(X, np.ones(len(X)) if row_weight is None else row_weight)
        self.axes = self.spectrum.axes.astype(X.dtype)
        self.centre = self.spectrum.mean.astype(X.dtype)
        super().__init__((X - self.centre) @ self.axes, row_weight)

    def coefficients(self, P: Floats) -> tuple[Floats, Floats]:
        """Turn coefficients of these rows, the intercepts last, into those of the given ones."""
        along, intercept = super().coefficients(P)
        return raw_coefficients(along @ self.axes.T, intercept, self.centre, self.X.dtype)


def centred_rows(X: Floats, row_weight: Floats | None) -> CentredRows:
    """Give the rows centred, in the fewer coordinates."""
    if len(X) * WORTH_SPANNING <= X.shape[1]:
        return SpannedRows(X, row_weight)
    return CentredRows(X, row_weight)
