"""Marginal dependence between pairs of labels, and correlation of their residuals."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from scipy.special import xlogy

from ...significance import holm

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pairs:
    """Statistics of all pairs of labels, each a symmetric array of shape (n_labels, n_labels).

    Attributes
    ----------
    correlation, p : array
        NaN where undefined; `p` is unadjusted.
    together, expected : array
        Observed number of images with both labels, and the number expected under independence.
    information : array, optional
        Mutual information in nats.
    """

    correlation: Floats
    p: Floats
    together: Floats
    expected: Floats
    information: Floats | None = None

    def rank(self, labels: Sequence[str], n_pairs: int, level: float) -> dict[str, Any]:
        """List the pairs from the most dependent to the least.

        Parameters
        ----------
        labels : sequence of str
        n_pairs : int
            Number of pairs to list; the tests are adjusted for all pairs.
        level : float
            One minus the family-wise error rate.

        Returns
        -------
        dict
            ``"pairs"``: [{"labels", "correlation", "together", "expected", "p"}] and
            optionally "mutual_information"; ``"tested"`` and ``"dependent"``: numbers of pairs.
        """
        j, k = np.triu_indices(len(labels), 1)
        tested = ~np.isnan(self.p[j, k])
        j, k = j[tested], k[tested]
        p = holm(self.p[j, k])
        weight = np.abs(self.correlation) if self.information is None else self.information
        # Ties in p are ordered by strength.
        order = np.lexsort((-weight[j, k], p))[:n_pairs]
        return {
            "pairs": [self._entry(labels, int(j[i]), int(k[i]), float(p[i])) for i in order],
            "tested": len(p),
            "dependent": int((p < 1 - level).sum()),
        }

    def _entry(self, labels: Sequence[str], j: int, k: int, p: float) -> dict[str, Any]:
        entry: dict[str, Any] = {
            "labels": [labels[j], labels[k]],
            "correlation": round(float(self.correlation[j, k]), 4),
            "together": int(self.together[j, k]),
            "expected": round(float(self.expected[j, k]), 2),
            "p": p,
        }
        if self.information is not None:
            entry["mutual_information"] = round(float(self.information[j, k]), 5)
        return entry

    def matrix(self, labels: Sequence[str], shown: NDArray[np.intp]) -> dict[str, Any]:
        """Return the correlations of some labels for a heat map; None if undefined."""
        part = self.correlation[np.ix_(shown, shown)]
        return {
            "labels": [labels[int(i)] for i in shown],
            "values": [
                [None if np.isnan(value) else round(float(value), 3) for value in row]
                for row in part
            ],
        }


MIN_EXPECTED = 5.0  # expected joint images, below which the normal approximation is not used


def correlate_residuals(
    Y: Floats, expected: Floats, known: Floats, groups: ArrayLike | None = None
) -> tuple[Floats, Floats]:
    """Correlate the residuals of each pair of labels.

    The sum over images of the products of the residuals of two labels is divided by its standard
    error, as in the generalised covariance measure [1]_. The variance is the larger of that of
    independent labels with these probabilities and the empirical one (over groups, if given). With
    fewer than 5 expected joint images the empirical variance is unreliable: then, without groups,
    only the former is used, and p is at least that of a Poisson test of the joint images.

    Parameters
    ----------
    Y, expected, known : arrays of float, shape (n_images, n_labels)
        Ground truth (0 or 1), its conditional probability, and 1 where the truth is known.
    groups : array, shape (n_images,), optional
        Groups of dependent images.

    Returns
    -------
    correlation, p : arrays of float, shape (n_labels, n_labels)
        NaN for constant labels.

    References
    ----------
    .. [1] R. D. Shah and J. Peters, "The Hardness of Conditional Independence Testing and the
       Generalised Covariance Measure", Annals of Statistics 48, 2020.

    Examples
    --------
    >>> Y = np.array([[1, 1], [0, 0]] * 20, dtype=float)
    >>> correlation, p = correlate_residuals(Y, np.full_like(Y, 0.5), np.ones_like(Y))
    >>> float(correlation[0, 1]), bool(p[0, 1] < 1e-6)
    (1.0, True)
    """
    residual = (Y - expected) * known
    sums = residual.T @ residual
    squares = (residual**2).T @ known
    spread = expected * (1 - expected) * known
    together, mean = count_together(Y, known), count_together(expected, known)
    rare = mean < MIN_EXPECTED
    empirical = _empirical_variance(residual, groups)
    variance = np.maximum(
        spread.T @ spread, np.where(rare, 0.0, empirical) if groups is None else empirical
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = sums / np.sqrt(squares * squares.T)
        p = 2 * stats.norm.sf(np.abs(sums) / np.sqrt(variance))
    fewer, more = stats.poisson.cdf(together, mean), stats.poisson.sf(together - 1, mean)
    poisson = np.minimum(1.0, 2 * np.minimum(fewer, more))
    return correlation, np.where(rare, np.maximum(p, poisson), p)


def count_together(Y: Floats, known: Floats) -> Floats:
    """Return the number, or expected number, of images with both labels of each pair."""
    present = Y * known
    return present.T @ present


def _empirical_variance(residual: Floats, groups: ArrayLike | None) -> Floats:
    if groups is None:
        return (residual**2).T @ residual**2
    _, group = np.unique(np.asarray(groups), return_inverse=True)
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    residual = residual[order]
    return np.stack(
        [
            (np.add.reduceat(residual * column[:, None], starts, axis=0) ** 2).sum(axis=0)
            for column in residual.T
        ]
    )


def marginal_pairs(Y: Floats, known: Floats, groups: ArrayLike | None = None) -> Pairs:
    """Compute and test the marginal dependence of each pair of labels.

    The test is the G-test of the 2 x 2 table; Fisher's exact test if an expected count is below 5
    [1]_; and a test over groups if images are grouped.

    Parameters
    ----------
    Y, known : arrays of float, shape (n_images, n_labels)
        Ground truth (0 or 1), and 1 where it is known. A pair uses images where both are known.
    groups : array, shape (n_images,), optional
        Groups of dependent images.

    Returns
    -------
    Pairs
        The correlation is the phi coefficient; ``information`` is the mutual information in nats.

    References
    ----------
    .. [1] A. Agresti, "Categorical Data Analysis", 3rd edition, 2013, sections 3.2 and 3.5.

    Examples
    --------
    >>> Y = np.array([[1, 1], [0, 0], [1, 0], [0, 1]] + [[1, 1], [0, 0]] * 20, dtype=float)
    >>> pairs = marginal_pairs(Y, np.ones_like(Y))
    >>> pairs.correlation.round(2).tolist()
    [[1.0, 0.91], [0.91, 1.0]]
    """
    table = _contingency_tables(Y, known)
    n = known.T @ known
    # Rows: first label absent or present; columns: second label.
    first, second = table.sum(axis=1), table.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = first[:, None] * second[None, :] / n
        information = np.nansum(xlogy(table, table / expected), axis=(0, 1)) / n
        phi = (table[1, 1] * table[0, 0] - table[1, 0] * table[0, 1]) / np.sqrt(
            first[0] * first[1] * second[0] * second[1]
        )
    if groups is not None:
        shares = (Y * known).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
        p = correlate_residuals(Y, np.broadcast_to(shares, Y.shape), known, groups)[1]
    else:
        p = stats.chi2.sf(2 * n * np.maximum(information, 0), 1)
        for j, k in np.argwhere(np.triu(expected.min(axis=(0, 1)) < MIN_EXPECTED, 1)):
            p[j, k] = p[k, j] = stats.fisher_exact(table[:, :, j, k]).pvalue
    p = np.where(np.isnan(phi), np.nan, p)
    return Pairs(phi, p, table[1, 1], expected[1, 1], np.maximum(information, 0))


def _contingency_tables(Y: Floats, known: Floats) -> Floats:
    """Return the 2 x 2 contingency table of each pair of labels."""
    present, absent = Y * known, (1 - Y) * known
    return np.array([[a.T @ b for b in (absent, present)] for a in (absent, present)])
