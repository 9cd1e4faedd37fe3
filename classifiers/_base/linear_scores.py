"""Linear scores of features that may lie far from zero."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .targets import Floats

BLOCK_CELLS = 1 << 21  # features that are read in double precision at once
MAX_ROUNDING = 1e-4  # of a score, that coefficients in short floats may cost


def raw_coefficients(
    coef: Floats, intercept: Floats, mean: Floats, dtype: DTypeLike
) -> tuple[Floats, Floats]:
    """Turn a model of centred features into one of the features as they are given.

    Far from zero the scores are differences of large numbers. Where these would lose digits in
    `dtype` the result is in double precision, by which `linear_scores` knows to use it.

    Parameters
    ----------
    coef : ndarray of shape (n_outputs, n_features)
    intercept : ndarray of shape (n_outputs,)
        Of the centred features.
    mean : ndarray of shape (n_features,)
    dtype : dtype
        Of the features.
    """
    double = np.float64
    size = np.sqrt(np.square(coef.astype(double)) @ np.square(mean.astype(double)))
    far = bool(np.finfo(dtype).eps * size.max(initial=0) > MAX_ROUNDING)
    kept = np.ascontiguousarray(coef, dtype=double if far else dtype)
    shifted: NDArray[Any] = intercept.astype(double) - kept.astype(double) @ mean.astype(double)
    return kept, shifted.astype(kept.dtype)


def linear_scores(X: Floats, coef: Floats, intercept: Floats) -> Floats:
    """Return ``X @ coef.T + intercept`` in the precision of `X`.

    Computed in double precision, block by block, where the coefficients are.
    """
    scores: Floats
    if coef.dtype == X.dtype:
        scores = X @ coef.T
        scores += intercept.astype(X.dtype, copy=False)
        return scores
    scores = np.empty((len(X), len(coef)), dtype=X.dtype)
    step = max(1, BLOCK_CELLS // max(1, X.shape[1]))
    for start in range(0, len(X), step):
        rows = slice(start, start + step)
        scores[rows] = X[rows].astype(np.float64) @ coef.T + intercept
    return scores
