"""Comparison of methods over several data sets: ranks and signed ranks."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Floats = NDArray[np.float64]

_MAX_CELLS = 2**22  # of the work space of the signed-rank test


def compare_ranks(
    values: ArrayLike,
    methods: Sequence[str],
    *,
    higher_is_better: bool = True,
    level: float = 0.95,
) -> dict[str, Any]:
    """Compare methods by their ranks within each data set: Friedman's and Nemenyi's tests.

    The procedure follows Demšar [1]_, and includes Iman and Davenport's form of Friedman's
    statistic. The best method of a data set has rank 1; ties share their mean rank, and Friedman's
    statistic is corrected for ties. Two methods differ significantly if their mean ranks differ by
    at least the critical difference.

    Parameters
    ----------
    values : array of float, shape (n_data_sets, n_methods)
        One metric. A method with a NaN (because it failed) is left out of all ranks: a missing
        value is not the worst one.
    methods : sequence of str, length n_methods
        Names of the methods.
    higher_is_better : bool
        False for losses.
    level : float
        Probability of no false rejection if all methods are equal.

    Returns
    -------
    dict
        ``"methods"``: [{"name", "rank"}] from the best mean rank to the worst; ``"friedman"``:
        {"statistic", "p"}; ``"iman_davenport"``: the same, with statistic None (and p 0) if all
        data sets have the same ranks; ``"critical_difference"``; ``"groups"``: maximal lists of
        names without a significant difference, for the bars of the diagram; ``"data_sets"``: their
        number; ``"left_out"``: names.

    Raises
    ------
    ValueError
        For fewer than two data sets or two complete methods, or different shapes.

    References
    ----------
    .. [1] J. Demšar, "Statistical Comparisons of Classifiers over Multiple Data Sets", Journal of
       Machine Learning Research 7, 2006.

    Examples
    --------
    >>> ranks = compare_ranks([[0.9, 0.7, 0.6], [0.8, 0.7, 0.9], [0.9, 0.8, 0.5]], "abc")
    >>> [(method["name"], round(method["rank"], 2)) for method in ranks["methods"]]
    [('a', 1.33), ('b', 2.33), ('c', 2.33)]
    >>> round(ranks["critical_difference"], 3), ranks["groups"]
    (1.914, [['a', 'b', 'c']])
    """
    table = np.asarray(values, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] != len(methods):
        raise ValueError(f"values {table.shape} must be data sets x {len(methods)} methods")
    complete = np.flatnonzero(~np.isnan(table).any(axis=0))
    names = [methods[int(column)] for column in complete]
    n, k = len(table), len(names)
    if n < 2 or k < 2:
        raise ValueError(f"ranks need two data sets and two methods, not {n} and {k}")
    ranks = stats.rankdata(table[:, complete] * (-1 if higher_is_better else 1), axis=1)
    mean = ranks.mean(axis=0)
    order = np.argsort(mean, kind="stable")
    difference = critical_difference(k, n, level)
    return {
        "methods": [{"name": names[i], "rank": float(mean[i])} for i in order],
        **_friedman(ranks),
        "critical_difference": difference,
        "groups": [[names[i] for i in order[run]] for run in _groups(mean[order], difference)],
        "data_sets": n,
        "left_out": [name for name in methods if name not in names],
    }


def critical_difference(n_methods: int, n_data_sets: int, level: float = 0.95) -> float:
    """Return the difference of mean ranks from which two methods differ by Nemenyi's test.

    Parameters
    ----------
    n_methods, n_data_sets : int
        At least 2 methods.
    level : float
        Probability of no false rejection if all methods are equal.

    Examples
    --------
    >>> round(critical_difference(5, 30), 3)
    1.114
    """
    quantile = stats.studentized_range.ppf(level, n_methods, np.inf) / np.sqrt(2)
    return float(quantile * np.sqrt(n_methods * (n_methods + 1) / (6 * n_data_sets)))


def _friedman(ranks: Floats) -> dict[str, dict[str, float | None]]:
    n, k = ranks.shape
    between = n * float(((ranks.mean(axis=0) - (k + 1) / 2) ** 2).sum())
    # Ties reduce the variance of the ranks within a data set: divide by the actual variance.
    within = float(((ranks - (k + 1) / 2) ** 2).sum()) / (n * (k - 1))
    if within == 0:  # all methods tie on every data set
        return {name: {"statistic": 0.0, "p": 1.0} for name in ("friedman", "iman_davenport")}
    chi2 = between / within
    # If all data sets have the same ranks, chi2 is n (k - 1) and F is infinite.
    rest = n * (k - 1) - chi2
    f = (n - 1) * chi2 / rest if rest > 1e-9 * n else np.inf
    return {
        "friedman": {"statistic": chi2, "p": float(stats.chi2.sf(chi2, k - 1))},
        "iman_davenport": {
            "statistic": None if np.isinf(f) else f,
            "p": float(stats.f.sf(f, k - 1, (k - 1) * (n - 1))),
        },
    }


def _groups(mean: Floats, difference: float) -> list[slice]:
    """Return the maximal runs of sorted mean ranks whose ends do not differ significantly."""
    ends = [int(np.sum(mean < start + difference)) for start in mean]
    return [
        slice(start, end)
        for start, end in enumerate(ends)
        if end - start > 1 and (start == 0 or end > ends[start - 1])
    ]


def bayesian_signed_rank(
    differences: ArrayLike,
    *,
    rope: float = 0.01,
    prior: float = 0.5,
    n_samples: int = 50_000,
    seed: int = 0,
) -> dict[str, float | int]:
    """Compute the probabilities that a method is worse, practically equal, or better.

    In the Bayesian signed-rank test [1]_ the data sets, and one pseudo data set without a
    difference, have weights from a Dirichlet distribution. For each draw of the weights, the most
    probable position of the mean of two differences is determined: left of, within, or right of the
    region of practical equivalence (ROPE).

    Parameters
    ----------
    differences : array of float, shape (n_data_sets,)
        Value of the method minus value of its reference, with the sign such that positive is
        better.
    rope : float
        Differences up to this size are practically zero.
    prior : float
        Weight of the pseudo data set; each data set has weight 1.
    n_samples : int
        Number of draws of the weights.
    seed : int

    Returns
    -------
    dict
        ``"left"`` (worse), ``"rope"`` (practically equal) and ``"right"`` (better), which sum to
        1, and ``"data_sets"``, the number of differences that are not NaN.

    Raises
    ------
    ValueError
        If there is no difference, or `rope` is negative.

    References
    ----------
    .. [1] A. Benavoli, G. Corani, J. Demšar and M. Zaffalon, "Time for a Change: a Tutorial for
       Comparing Multiple Classifiers Through Bayesian Analysis", Journal of Machine Learning
       Research 18, 2017, section 4.2.

    Examples
    --------
    >>> probabilities = bayesian_signed_rank([0.03, 0.05, 0.02, 0.00, 0.04, 0.06])
    >>> {key: round(value, 2) for key, value in probabilities.items()}
    {'left': 0.0, 'rope': 0.02, 'right': 0.98, 'data_sets': 6}
    """
    values = np.asarray(differences, dtype=np.float64)
    z = np.append(values[~np.isnan(values)], 0.0)
    if len(z) < 2 or rope < 0:
        raise ValueError(f"needs a difference and a rope of at least 0, not {values} and {rope}")
    alpha = np.append(np.ones(len(z) - 1), prior)
    sums = z[:, None] + z
    right, left = (sums > 2 * rope).astype(float), (sums < -2 * rope).astype(float)
    rng = np.random.default_rng(seed)
    wins = np.zeros(3)
    for first in range(0, n_samples, size := max(1, _MAX_CELLS // len(z))):
        weights = rng.dirichlet(alpha, min(size, n_samples - first))
        is_left, is_right = (((weights @ side) * weights).sum(axis=1) for side in (left, right))
        shares = np.stack([is_left, 1 - is_left - is_right, is_right], axis=1)
        best = shares >= shares.max(axis=1, keepdims=True) - 1e-12
        wins += (best / best.sum(axis=1, keepdims=True)).sum(axis=0)
    probabilities = dict(zip(("left", "rope", "right"), (wins / n_samples).tolist(), strict=True))
    return probabilities | {"data_sets": len(z) - 1}
