"""Linear scores, computed accurately for features with large means."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .targets import Floats

BLOCK_CELLS = 1 << 21  # values converted to double precision at a time
MAX_ROUNDING = 1e-5  # largest acceptable error of a score from coefficients in `dtype`


def raw_coefficients(
    coef: Floats, intercept: Floats, mean: Floats, dtype: DTypeLike
) -> tuple[Floats, Floats]:
    """Convert a linear model of centred features to one of the original features.

    If the features have large means, scores are differences of large numbers. Where these would
    lose digits in `dtype`, the result is in double precision, and so is then `linear_scores`.

    Parameters
    ----------
    coef : ndarray of shape (n_outputs, n_features)
    intercept : ndarray of shape (n_outputs,)
        Intercept for the centred features.
    mean : ndarray of shape (n_features,)
    dtype : dtype
        Data type of the features.
    """
    double = np.float64
    size = np.sqrt(np.square(coef.astype(double)) @ np.square(mean.astype(double)))
    far = bool(np.finfo(dtype).eps * size.max(initial=0) > MAX_ROUNDING)
    kept = np.ascontiguousarray(coef, dtype=double if far else dtype)
    shifted: NDArray[Any] = intercept.astype(double) - kept.astype(double) @ mean.astype(double)
    return kept, shifted.astype(kept.dtype)


def linear_scores(X: Floats, coef: Floats, intercept: Floats) -> Floats:
    """Return ``X @ coef.T + intercept`` in the precision of `X`.

    If the coefficients are in double precision, so is the computation, one block at a time.
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
