"""Linear scores that stay accurate for large means, and margin classifiers with Platt scaling."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray
from scipy.optimize import minimize
from scipy.special import expit, logit

from .base import MultiLabelClassifier
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


MIN_SLOPE = 1e-3  # per standard deviation of a score: preserves the ranking


def fit_line(score: Floats, y: Floats, weight: Floats) -> tuple[float, float]:
    """Fit the slope and offset of the log-odds (Platt scaling).

    Parameters
    ----------
    score, y, weight : ndarray of shape (n_rows,)

    Returns
    -------
    slope, offset : float
        The slope is 0 if the score ranks no better than chance; the offset then gives the
        label's prevalence.
    """
    inputs = np.column_stack([score, np.ones(len(score))])
    slope, offset = _fit_log_odds(inputs, y, weight)
    if slope <= 0:
        slope, offset = 0.0, float(logit(weight @ _targets(y, weight) / weight.sum()))
    return slope, offset


def fit_increasing_line(score: Floats, y: Floats, weight: Floats) -> tuple[float, float]:
    """Fit the slope and offset of the log-odds, with a slope of at least `MIN_SLOPE`."""
    slope, offset = fit_line(score, y, weight)
    spread = float(score.std())
    least = MIN_SLOPE / spread if spread > 0 else MIN_SLOPE
    if slope >= least:
        return slope, offset
    return least, offset + (slope - least) * float(score.mean())


def _targets(y: Floats, weight: Floats) -> NDArray[np.float64]:
    """Return Platt's smoothed targets, strictly between 0 and 1."""
    positive, total = weight @ y, weight.sum()
    targets: NDArray[np.float64] = np.where(
        y > 0, (positive + 1) / (positive + 2), 1 / (total - positive + 2)
    )
    return targets


def _fit_log_odds(inputs: Floats, y: Floats, weight: Floats) -> tuple[float, float]:
    """Fit two coefficients by the log loss with Platt's smoothed targets.

    References
    ----------
    Platt, J. (2000). Probabilistic outputs for support vector machines. In: Advances in Large
    Margin Classifiers. MIT Press.
    """
    inputs = inputs.astype(np.float64)
    targets, share = _targets(y, weight), (weight / weight.sum()).astype(np.float64)

    def value(line: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        z = inputs @ line
        return share @ (np.logaddexp(0, z) - targets * z), inputs.T @ (share * (expit(z) - targets))

    def hessian(line: NDArray[np.float64]) -> NDArray[np.float64]:
        q = expit(inputs @ line)
        moments: NDArray[np.float64] = (inputs.T * (share * q * (1 - q))) @ inputs
        return moments

    result = minimize(value, [1.0, 0.0], jac=True, hess=hessian, method="trust-exact", tol=1e-9)
    first, second = result.x
    return float(first), float(second)


class MarginClassifier(MultiLabelClassifier):
    """Base class: a subclass fits `coef_` and `intercept_`, then calls `_calibrate`.

    The log-odds of a label are a linear function of its margin. A label is predicted where its
    probability exceeds 0.5, which for rare labels is usually not at margin 0.
    """

    coef_: Floats
    intercept_: Floats
    slopes_: NDArray[np.float64]
    offsets_: NDArray[np.float64]

    def decision_function(self, X: ArrayLike) -> Floats:
        """Return the margins, shifted so that 0 corresponds to a probability of 0.5.

        Parameters
        ----------
        X : array-like of shape (n_images, n_features)

        Returns
        -------
        ndarray of shape (n_images, n_labels)
            Positive where the label is predicted; 1 or -1 for a constant label. After a fit to a
            vector: of shape (n_images,).
        """
        rows = self._check_rows(X)
        margins = np.empty((len(rows), len(self.label_varies_)), dtype=rows.dtype)
        margins[:] = 2 * self.constant_values_ - 1
        if self.label_varies_.any():
            margins[:, self.label_varies_] = self._margins(rows)
        return margins[:, 0] if self._is_vector else margins

    def _margins(self, X: Floats) -> Floats:
        return linear_scores(X, self.coef_, self.intercept_ + self.offsets_ / self.slopes_)

    def _label_probabilities(self, X: Floats) -> Floats:
        probabilities: Floats = expit(self._margins(X).astype(np.float64) * self.slopes_)
        return probabilities

    def _label_decisions(self, X: Floats) -> NDArray[Any]:
        return self._margins(X) > 0

    def _calibrate(self, margins: Floats, Y: NDArray[Any], weight: Floats) -> None:
        """Fit the calibration of each label to out-of-fold margins.

        Parameters
        ----------
        margins, Y : ndarray of shape (n_rows, n_varying_labels)
        weight : ndarray of shape (n_rows, n_varying_labels)
            0 for margins to ignore.
        """
        self.slopes_, self.offsets_ = np.ones(Y.shape[1]), np.zeros(Y.shape[1])
        for label in range(Y.shape[1]):
            counted = weight[:, label] > 0
            y = Y[counted, label].astype(np.float64)
            if 0 < y.sum() < len(y):
                line = fit_increasing_line(margins[counted, label], y, weight[counted, label])
                self.slopes_[label], self.offsets_[label] = line
