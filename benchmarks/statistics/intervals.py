"""What a bootstrap says of one figure: its interval, and whether it may be nothing."""

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]

# A figure that fewer than half of the resamples can give is not one to be sure about.
_DEFINED_AT_LEAST = 0.5


def own_interval(value: float, resampled: Floats, level: float = 0.95) -> tuple[float, float]:
    """Give the bias-corrected percentile interval of a figure.

    A resample holds some positives twice, and each lifts its copy: resampled APs lie too high, the
    more so the rarer the label, and with them the plain percentile interval. The correction [1]_
    shifts the percentiles by the share of resamples below the figure itself.

    Parameters
    ----------
    value : float
        The figure on all judged images.
    resampled : array of float, shape (n_resamples,)
        The figure on each resample; NaN where it has none.
    level : float
        How often such intervals are to hold the truth.

    Returns
    -------
    low, high : float
        NaN where the figure, or too much of the resamples, is.

    References
    ----------
    .. [1] B. Efron, "Nonparametric standard errors and confidence intervals", Canadian Journal of
       Statistics 9, 1981, section 7.

    Examples
    --------
    >>> low, high = own_interval(5.0, np.arange(11.0), level=0.8)
    >>> round(low, 2), round(high, 2)
    (1.0, 9.0)
    """
    defined = _defined(value, resampled)
    if defined is None:
        return np.nan, np.nan
    below = (np.mean(defined < value) + np.mean(defined <= value)) / 2
    shift = 2 * stats.norm.ppf(np.clip(below, 0.5 / len(defined), 1 - 0.5 / len(defined)))
    tail = stats.norm.ppf((1 - level) / 2)
    low, high = np.quantile(defined, stats.norm.cdf([shift + tail, shift - tail]))
    return float(low), float(high)


def difference_interval(
    value: float, resampled: Floats, n_units: int, *, stretch: float = 1.0, level: float = 0.95
) -> tuple[float, float, float]:
    """Give the percentile interval of a difference and the p of there being none.

    The p is twice the share of resamples that lie on the other side of zero, so that it is below
    ``1 - level`` only where the interval leaves zero out. Where few or no resamples lie there, the
    share says nothing of the size of p; therefore p is never below the tail of Student's
    distribution at the bootstrap's standard error, nor below 2 to the power of ``1 - n_units``, the
    least that a test of the signs of so many paired differences can give.

    Parameters
    ----------
    value : float
        The difference on all judged images.
    resampled : array of float, shape (n_resamples,)
        The difference on each resample; NaN where it has none.
    n_units : int
        How many units were drawn from.
    stretch : float
        Factor for the distance of the resampled differences from `value`.
    level : float
        How often such intervals are to hold the truth.

    Returns
    -------
    low, high, p : float
        NaN where the difference, or too much of the resamples, is.

    Examples
    --------
    >>> resampled = np.linspace(-1, 3, 401)
    >>> low, high, p = difference_interval(1.0, resampled, n_units=100)
    >>> round(low, 2), round(high, 2), round(p, 2)
    (-0.9, 2.9, 0.5)
    """
    defined = _defined(value, resampled)
    if defined is None:
        return np.nan, np.nan, np.nan
    away = stretch * (defined - value)
    low, high = value + np.quantile(away, [(1 - level) / 2, (1 + level) / 2])
    other_side = 2 * min(float(np.mean(away <= -value)), float(np.mean(away >= -value)))
    # The bootstrap divides by n where an unbiased variance divides by n - 1.
    error = float(away.std() * np.sqrt(n_units / (n_units - 1))) if n_units > 1 else 0.0
    if value == 0:
        tail = 1.0
    else:
        tail = float(2 * stats.t.sf(abs(value) / error, n_units - 1)) if error > 0 else 0.0
    p = min(1.0, max(other_side, tail, 2.0 ** (1 - n_units)))
    return float(low), float(high), p


def _defined(value: float, resampled: Floats) -> Floats | None:
    defined: Floats = resampled[~np.isnan(resampled)]
    if np.isnan(value) or len(defined) < max(1.0, _DEFINED_AT_LEAST * len(resampled)):
        return None
    return defined
