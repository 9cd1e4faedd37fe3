"""Confidence intervals from bootstrap resamples, and the conditions under which they hold."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from scipy.special import expit, logit

from ..metrics import Scorecard

Floats = NDArray[np.float64]

MIN_POSITIVES = 10.0
"""Minimum of positive and negative test images of a label, as a harmonic mean over the labels, for
the interval of a metric. Below it the distribution is too skewed and too discrete."""

MIN_POSITIVES_FOR_SET_METRICS = 40.0
"""The same for `SET_METRICS`."""

SET_METRICS = ("sample_f1", "jaccard")
"""Most images have no rare label: one threshold decides whether all of these are right."""

MIN_POSITIVES_FOR_DIFFERENCE = 5.0
"""The same for the difference of two methods, in which most of the skewness cancels."""

COUNT_METRICS = ("hamming_loss", "subset_accuracy")
"""Their differences are differences of two paired counts, which need no positives."""

TOO_FEW_POSITIVES = "too few positives"

HETEROGENEITY_LEVEL = 0.10
"""Level of the test whether folds differ by more than their test images explain."""

_MIN_DEFINED = 0.5  # share of resamples with a value, for an interval to be given


def metric_interval(
    value: float,
    resampled: Floats,
    level: float = 0.95,
    *,
    centre: float | None = None,
    df: float = np.inf,
) -> tuple[float, float]:
    """Return the confidence interval of a metric.

    Without `centre` it is the bias-corrected percentile interval [1]_, which shifts the percentiles
    by the share of resamples below the value. With `centre` it is Student's interval around the
    centre on the log-odds scale, with the standard error of the bootstrap: for metrics between 0
    and 1 that are biased on few images, so that the resamples are shifted.

    Parameters
    ----------
    value : float
        Metric on all test images.
    resampled : array of float, shape (n_resamples,)
        Metric on each resample; NaN where it is undefined.
    level : float
        Confidence level.
    centre : float, optional
        Unbiased estimate of the metric.
    df : float
        Degrees of freedom of Student's distribution.

    Returns
    -------
    low, high : float
        NaN if the metric, or too many of the resamples, are undefined.

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
    defined = _defined_resamples(value, resampled)
    if defined is None:
        return np.nan, np.nan
    if centre is not None and 0 < centre < 1 and defined.std() > 0:
        half = defined.std() / (centre * (1 - centre)) * stats.t.isf((1 - level) / 2, df)
        return float(expit(logit(centre) - half)), float(expit(logit(centre) + half))
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
    """Return the percentile interval of a difference, and the p-value of no difference.

    The p-value is twice the share of resamples on the other side of zero, so that it is below
    ``1 - level`` only if the interval excludes zero. With few or no resamples on the other side the
    share is imprecise; p is therefore at least the tail of Student's distribution at the standard
    error of the bootstrap, and at least 2 to the power of ``1 - n_units``, the minimum of a sign
    test of as many paired differences.

    Parameters
    ----------
    value : float
        Difference on all test images.
    resampled : array of float, shape (n_resamples,)
        Difference on each resample; NaN where it is undefined.
    n_units : int
        Number of units that were resampled.
    stretch : float
        Factor for the deviations of the resampled differences.
    level : float
        Confidence level.
    df : float
        Degrees of freedom of the standard error, if a part of it was estimated from the folds; at
        most ``n_units - 1``.
    extra : float
        Standard error of a further component that the resamples do not show.

    Returns
    -------
    low, high, p : float
        NaN if the difference, or too many of the resamples, are undefined.

    Examples
    --------
    >>> resampled = np.linspace(-1, 3, 401)
    >>> low, high, p = difference_interval(1.0, resampled, n_units=100)
    >>> round(low, 2), round(high, 2), round(p, 2)
    (-0.93, 2.93, 0.51)
    """
    defined = _defined_resamples(value, resampled)
    if defined is None:
        return np.nan, np.nan, np.nan
    df = max(1.0, min(df, n_units - 1.0))
    tail_ratio = stats.t.isf((1 - level) / 2, df) / stats.norm.isf((1 - level) / 2)
    # The bootstrap variance divides by n, the unbiased variance by n - 1.
    unbiased = np.sqrt(n_units / (n_units - 1)) if n_units > 1 else 1.0
    deviation = stretch * unbiased * (defined - defined.mean())
    below, above = tail_ratio * np.quantile(deviation, [(1 - level) / 2, (1 + level) / 2])
    extra_half = extra * stats.t.isf((1 - level) / 2, df)
    low, high = value - np.hypot(below, extra_half), value + np.hypot(above, extra_half)
    wide = tail_ratio * deviation
    other_side = 2 * min(float(np.mean(wide <= -value)), float(np.mean(wide >= -value)))
    error = float(np.hypot(deviation.std(), extra)) if n_units > 1 else 0.0
    if value == 0:
        tail = 1.0
    else:
        tail = float(2 * stats.t.sf(abs(value) / error, df)) if error > 0 else 0.0
    p = min(1.0, max(other_side, tail, 2.0 ** (1 - n_units)))
    if low <= 0 <= high:
        p = max(p, 1 - level)
    return float(low), float(high), p


def _defined_resamples(value: float, resampled: Floats) -> Floats | None:
    defined: Floats = resampled[~np.isnan(resampled)]
    if np.isnan(value) or len(defined) < max(1.0, _MIN_DEFINED * len(resampled)):
        return None
    return defined


@dataclass(frozen=True)
class VarianceInflation:
    """Factor by which the bootstrap standard error is too small, and its degrees of freedom.

    Attributes
    ----------
    stretch : float
        Factor for the deviations of the resampled differences.
    df : float
        Degrees of freedom of the standard error; infinite if it rests on the test images alone.
    """

    stretch: float
    df: float


def inflate_variance(
    by_fold: Floats, variance: float, relative_test_size: float
) -> VarianceInflation:
    """Estimate the variance due to the training images, from the differences in the folds.

    Resampling the test images leaves the fitted models as they are. The variance due to other
    training images, including model selection, is estimated by the ratio of test to training images
    of a fit [1]_. If models differ by more than that (for example because a parameter changes from
    fold to fold), the folds differ by more than their images explain: Cochran's test [2]_ of the
    variance between folds. Then the excess (the variance component of a random-effects model) is
    added with Nadeau and Bengio's factor, 1/K for the mean of K folds plus the ratio for the
    overlap of their training images; the degrees of freedom follow Satterthwaite.

    Parameters
    ----------
    by_fold : array of float, shape (n_partitions, n_folds)
        Difference in each fold, NaN where undefined; without folds for a single test set.
    variance : float
        Bootstrap variance of the difference on all test images.
    relative_test_size : float
        Test images per training image of a fit.

    References
    ----------
    .. [1] C. Nadeau and Y. Bengio, "Inference for the Generalization Error", Machine Learning 52,
       2003.
    .. [2] W. G. Cochran, "The Combination of Estimates from Different Experiments", Biometrics 10,
       1954.

    Examples
    --------
    >>> inflate_variance(np.array([[0.01, -0.01, 0.02, 0.0, -0.02]]), 5e-5, 0.25)
    VarianceInflation(stretch=1.118033988749895, df=inf)
    >>> inflation = inflate_variance(np.array([[0.1, -0.1, 0.2, 0.0, -0.2]]), 5e-5, 0.25)
    >>> round(inflation.stretch, 1), round(inflation.df, 1)
    (15.0, 4.0)
    """
    homogeneous = VarianceInflation(float(np.sqrt(1 + relative_test_size)), np.inf)
    n_partitions, k = by_fold.shape
    if k < 2 or n_partitions < 1 or variance <= 0 or np.isnan(by_fold).any():
        return homogeneous
    between = float(by_fold.var(axis=1, ddof=1).mean())
    explained = k * variance  # a fold has 1/K of the images
    df = k - 1.0
    if between <= explained * stats.chi2.isf(HETEROGENEITY_LEVEL, df) / df:
        return homogeneous
    excess = (1 / k + relative_test_size) * (between - explained)
    total = (1 + relative_test_size) * variance + excess
    return VarianceInflation(float(np.sqrt(total / variance)), df * (total / excess) ** 2)


def effective_positives(card: Scorecard, units: ArrayLike) -> float:
    """Return the harmonic mean over the averaged labels of the number of images of the rarer class.

    The error of a macro average is dominated by the rarest labels, in proportion to one over their
    positives, which is what the harmonic mean measures.

    Parameters
    ----------
    card : Scorecard
    units : array, shape (n_rows,)
        Rows of the same unit count once.

    Returns
    -------
    float
        0 if no label is averaged.

    Examples
    --------
    >>> Y = [[1, 1], [0, 1], [0, 0], [1, 0]]
    >>> effective_positives(Scorecard(Y, Y, Y), range(4))
    2.0
    """
    unit = np.unique(np.asarray(units), return_inverse=True)[1]
    rarer = np.minimum(_count_units(card.positive, unit), _count_units(card.negative, unit))
    scorable = card.averaged & (rarer > 0)
    return float(scorable.sum() / (1 / rarer[scorable]).sum()) if scorable.any() else 0.0


def _count_units(cells: NDArray[np.bool_], unit: NDArray[np.intp]) -> Floats:
    """Return the number of units with at least one such cell, for each label."""
    counts = np.zeros((unit.max(initial=-1) + 1, cells.shape[1]))
    np.add.at(counts, unit, cells)
    return np.asarray((counts > 0).sum(axis=0), dtype=np.float64)


def too_few_for_interval(key: str, positives: float) -> bool:
    """Return whether there are too few positives for the interval of a metric.

    Examples
    --------
    >>> too_few_for_interval("macro_ap", 12.0), too_few_for_interval("jaccard", 12.0)
    (False, True)
    """
    return positives < (MIN_POSITIVES_FOR_SET_METRICS if key in SET_METRICS else MIN_POSITIVES)


def too_few_for_difference(key: str, positives: float) -> bool:
    """Return whether there are too few positives for the interval and verdict of a difference.

    Examples
    --------
    >>> too_few_for_difference("macro_ap", 4.0), too_few_for_difference("hamming_loss", 4.0)
    (True, False)
    """
    return key not in COUNT_METRICS and positives < MIN_POSITIVES_FOR_DIFFERENCE
