"""The interval of a figure or a difference from a bootstrap, and the p-value of a difference."""

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import expit, logit

Floats = NDArray[np.float64]

# A figure that fewer than half of the resamples can give is not one to be sure about.
_DEFINED_AT_LEAST = 0.5


def metric_interval(
    value: float,
    resampled: Floats,
    level: float = 0.95,
    *,
    centre: float | None = None,
    df: float = np.inf,
) -> tuple[float, float]:
    """Return the interval of a figure.

    Without a `centre` it is the bias-corrected percentile interval [1]_, which shifts the
    percentiles by the share of resamples below the figure itself. With one it is Student's interval
    on the log-odds scale about it, with the standard error of the bootstrap: for figures between 0
    and 1 that are biased on few images, so that the resamples are in the wrong place.

    Parameters
    ----------
    value : float
        The figure on all test images.
    resampled : array of float, shape (n_resamples,)
        The figure on each resample; NaN where it has none.
    level : float
        How often such intervals are to hold the true figure.
    centre : float, optional
        An estimate of the figure without bias.
    df : float
        Degrees of freedom of Student's distribution.

    Returns
    -------
    low, high : float
        NaN where the figure, or too many of the resamples, are.

    References
    ----------
    .. [1] B. Efron, "Nonparametric standard errors and confidence intervals", Canadian Journal of
       Statistics 9, 1981, section 7.

    Examples
    --------
    >>> low, high = metric_interval(5.0, np.arange(11.0), level=0.8)
    >>> round(low, 2), round(high, 2)
    (1.0, 9.0)
    >>> low, high = metric_interval(0.5, np.array([0.4, 0.5, 0.6]), centre=0.45)
    >>> round(low, 2), round(high, 2)
    (0.3, 0.61)
    """
    defined = _defined(value, resampled)
    if defined is None:
        return np.nan, np.nan
    if centre is not None and 0 < centre < 1 and defined.std() > 0:
        spread = defined.std() / (centre * (1 - centre)) * stats.t.isf((1 - level) / 2, df)
        return float(expit(logit(centre) - spread)), float(expit(logit(centre) + spread))
    below = (np.mean(defined < value) + np.mean(defined <= value)) / 2
    shift = 2 * stats.norm.ppf(np.clip(below, 0.5 / len(defined), 1 - 0.5 / len(defined)))
    tail = stats.norm.ppf((1 - level) / 2)
    low, high = np.quantile(defined, stats.norm.cdf([shift + tail, shift - tail]))
    return float(low), float(high)


def difference_interval(
    value: float,
    resampled: Floats,
    n_units: int,
    *,
    stretch: float = 1.0,
    level: float = 0.95,
    df: float = np.inf,
    extra: float = 0.0,
) -> tuple[float, float, float]:
    """Return the percentile interval of a difference and the p-value of there being none.

    The p-value is twice the share of resamples on the other side of zero, so that it is below
    ``1 - level`` only where the interval leaves zero out. Where few or no resamples are there, the
    share says nothing of the size of p; therefore p is never below the tail of Student's
    distribution at the bootstrap's standard error, nor below 2 to the power of ``1 - n_units``, the
    least that a test of the signs of so many paired differences can give.

    Parameters
    ----------
    value : float
        The difference on all test images.
    resampled : array of float, shape (n_resamples,)
        The difference on each resample; NaN where it has none.
    n_units : int
        How many units were drawn from.
    stretch : float
        Factor for the distance of the resampled differences from their `value`.
    level : float
        How often such intervals are to hold the true difference.
    df : float
        Degrees of freedom of the standard error, where part of it rests on the folds; at most
        ``n_units - 1``.
    extra : float
        A further standard error that the resamples cannot show.

    Returns
    -------
    low, high, p : float
        NaN where the difference, or too many of the resamples, are.

    Examples
    --------
    >>> resampled = np.linspace(-1, 3, 401)
    >>> low, high, p = difference_interval(1.0, resampled, n_units=100)
    >>> round(low, 2), round(high, 2), round(p, 2)
    (-0.93, 2.93, 0.51)
    """
    defined = _defined(value, resampled)
    if defined is None:
        return np.nan, np.nan, np.nan
    df = max(1.0, min(df, n_units - 1.0))
    tail_ratio = stats.t.isf((1 - level) / 2, df) / stats.norm.isf((1 - level) / 2)
    # The bootstrap divides by n where an unbiased variance divides by n - 1.
    unbiased = np.sqrt(n_units / (n_units - 1)) if n_units > 1 else 1.0
    away = stretch * unbiased * (defined - defined.mean())
    below, above = tail_ratio * np.quantile(away, [(1 - level) / 2, (1 + level) / 2])
    further = extra * stats.t.isf((1 - level) / 2, df)
    low, high = value - np.hypot(below, further), value + np.hypot(above, further)
    wide = tail_ratio * away
    other_side = 2 * min(float(np.mean(wide <= -value)), float(np.mean(wide >= -value)))
    error = float(np.hypot(away.std(), extra)) if n_units > 1 else 0.0
    if value == 0:
        tail = 1.0
    else:
        tail = float(2 * stats.t.sf(abs(value) / error, df)) if error > 0 else 0.0
    p = min(1.0, max(other_side, tail, 2.0 ** (1 - n_units)))
    if low <= 0 <= high:
        p = max(p, 1 - level)
    return float(low), float(high), p


def _defined(value: float, resampled: Floats) -> Floats | None:
    defined: Floats = resampled[~np.isnan(resampled)]
    if np.isnan(value) or len(defined) < max(1.0, _DEFINED_AT_LEAST * len(resampled)):
        return None
    return defined
