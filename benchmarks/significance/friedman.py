"""Many methods over several data sets: ranks, and the difference of ranks that counts."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Floats = NDArray[np.float64]


def compare_ranks(
    values: ArrayLike,
    methods: Sequence[str],
    *,
    higher_is_better: bool = True,
    level: float = 0.95,
) -> dict[str, Any]:
    """Compare methods by their ranks within each data set: Friedman's test and Nemenyi's.

    As Demšar recommends [1]_, with Iman and Davenport's form of Friedman's statistic as well. The
    best method of a data set has rank 1; ties share their mean rank, and Friedman's statistic is
    corrected for them. Two methods are told apart
    where their mean ranks differ by at least the critical difference.

    Parameters
    ----------
    values : array of float, shape (n_data_sets, n_methods)
        One metric. NaN where a method failed: it is then left out of all the ranks, for a method
        that failed is missing, not worst.
    methods : sequence of str, length n_methods
        Their names.
    higher_is_better : bool
        False for losses.
    level : float
        The chance of no false claim where all methods are alike.

    Returns
    -------
    dict
        ``"methods"``: [{"name", "rank"}] from the best mean rank to the worst; ``"friedman"``:
        {"statistic", "p"}; ``"iman_davenport"`` the same, its statistic None (and p 0) where all
        data sets rank alike; ``"critical_difference"``; ``"groups"``: lists of the names not told
        apart, each as long as can be, for the bars of the diagram; ``"data_sets"``: how many;
        ``"left_out"``: names.

    Raises
    ------
    ValueError
        If fewer than two data sets or two complete methods are given, or the shapes differ.

    References
    ----------
    .. [1] J. Demšar, "Statistical Comparisons of Classifiers over Multiple Data Sets", Journal of
       Machine Learning Research 7, 2006.

    Examples
    --------
    >>> found = compare_ranks([[0.9, 0.7, 0.6], [0.8, 0.7, 0.9], [0.9, 0.8, 0.5]], "abc")
    >>> [(method["name"], round(method["rank"], 2)) for method in found["methods"]]
    [('a', 1.33), ('b', 2.33), ('c', 2.33)]
    >>> round(found["critical_difference"], 3), found["groups"]
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
    """Give the difference of mean ranks by which Nemenyi's test tells two methods apart.

    Parameters
    ----------
    n_methods, n_data_sets : int
        At least 2 methods.
    level : float
        The chance of no false claim where all methods are alike.

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
    # Ties make the ranks within a data set vary less: divide by the variance that they have.
    within = float(((ranks - (k + 1) / 2) ** 2).sum()) / (n * (k - 1))
    if within == 0:  # every method ties with every other one on every data set
        return {name: {"statistic": 0.0, "p": 1.0} for name in ("friedman", "iman_davenport")}
    chi2 = between / within
    # Where every data set ranks alike, chi2 reaches n (k - 1) and F has no bound.
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
    """Give the longest runs of sorted mean ranks whose ends are not told apart."""
    ends = [int(np.sum(mean < start + difference)) for start in mean]
    return [
        slice(start, end)
        for start, end in enumerate(ends)
        if end - start > 1 and (start == 0 or end > ends[start - 1])
    ]
