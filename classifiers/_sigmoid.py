"""Platt's curves: from a score to the probability of a label."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, logit

from ._targets import Floats

LEAST_SLOPE = 1e-3  # per standard deviation of a score: keeps the ranking, says next to nothing


def fit_line(score: Floats, y: Floats, weight: Floats) -> tuple[float, float]:
    """Fit slope and offset of the log-odds.

    Parameters
    ----------
    score, y, weight : ndarray of shape (n_rows,)

    Returns
    -------
    slope, offset : float
        The slope is 0 where the score ranks no better than chance; the offset then gives the
        label's share.
    """
    inputs = np.column_stack([score, np.ones(len(score))])
    slope, offset = _fit_log_odds(inputs, y, weight)
    if slope <= 0:
        slope, offset = 0.0, float(logit(weight @ _targets(y, weight) / weight.sum()))
    return slope, offset


def fit_rising_line(score: Floats, y: Floats, weight: Floats) -> tuple[float, float]:
    """Fit slope and offset of the log-odds; the slope is above 0, if only just."""
    slope, offset = fit_line(score, y, weight)
    spread = float(score.std())
    least = LEAST_SLOPE / spread if spread > 0 else LEAST_SLOPE
    if slope >= least:
        return slope, offset
    return least, offset + (slope - least) * float(score.mean())


def _targets(y: Floats, weight: Floats) -> NDArray[np.float64]:
    """Give Platt's targets, which are never quite 0 or 1."""
    there, total = weight @ y, weight.sum()
    targets: NDArray[np.float64] = np.where(
        y > 0, (there + 1) / (there + 2), 1 / (total - there + 2)
    )
    return targets


def _fit_log_odds(inputs: Floats, y: Floats, weight: Floats) -> tuple[float, float]:
    """Fit the coefficients of two inputs by the log loss to Platt's targets.

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

    def curvature(line: NDArray[np.float64]) -> NDArray[np.float64]:
        q = expit(inputs @ line)
        bent: NDArray[np.float64] = (inputs.T * (share * q * (1 - q))) @ inputs
        return bent

    found = minimize(value, [1.0, 0.0], jac=True, hess=curvature, method="trust-exact", tol=1e-9)
    first, second = found.x
    return float(first), float(second)
