"""Which labels keep company and which avoid each other, whatever the pictures show besides."""

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
    """Figures of all pairs of labels, each a symmetric array of shape (n_labels, n_labels).

    Attributes
    ----------
    correlation, p : array
        NaN where the pair cannot be judged; `p` is not adjusted yet.
    together, expected : array
        Images with both labels: as there are, and as many as there would be without dependence.
    information : array, optional
        Mutual information in nats.
    """

    correlation: Floats
    p: Floats
    together: Floats
    expected: Floats
    information: Floats | None = None

    def ranked(self, labels: Sequence[str], most: int, level: float) -> dict[str, Any]:
        """List the pairs from the most dependent to the least.

        Parameters
        ----------
        labels : sequence of str
        most : int
            How many to list; the tests are adjusted for all there are.
        level : float
            The chance that no independent pair at all is taken for dependent.

        Returns
        -------
        dict
            ``"pairs"``: [{"labels", "correlation", "together", "expected", "p"}] and, where it is
            there, "mutual_information"; ``"tested"`` and ``"dependent"``: how many pairs.
        """
        j, k = np.triu_indices(len(labels), 1)
        tested = ~np.isnan(self.p[j, k])
        j, k = j[tested], k[tested]
        p = holm(self.p[j, k])
        weight = np.abs(self.correlation) if self.information is None else self.information
        # Among pairs that are equally sure the stronger comes first.
        order = np.lexsort((-weight[j, k], p))[:most]
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
        """Give the correlations of some labels for a heat map; None where there is none."""
        part = self.correlation[np.ix_(shown, shown)]
        return {
            "labels": [labels[int(i)] for i in shown],
            "values": [
                [None if np.isnan(value) else round(float(value), 3) for value in row]
                for row in part
            ],
        }


RARE = 5.0  # joint images expected, below which the normal distribution is not to be trusted


def correlate_residuals(
    Y: Floats, expected: Floats, known: Floats, groups: ArrayLike | None = None
) -> tuple[Floats, Floats]:
    """Correlate what is left of each pair of labels when the expected is taken away.

    The sum over images of the products of two labels' residuals is compared with its standard
    error, as in the generalised covariance measure [1]_. Its variance is what independent labels of
    such probabilities would have, or the one seen in the images (in the groups, where images of a
    group are not independent) if that is larger. Where fewer than 5 joint images are expected the
    few there are would be all there is to see of a variance: there, without groups, only the former
    counts, and p is no less than Poisson's for as many, or as few, joint images.

    Parameters
    ----------
    Y, expected, known : arrays of float, shape (n_images, n_labels)
        The truth (0 or 1), its probability by whatever is conditioned on, and 1 where it is known.
    groups : array, shape (n_images,), optional
        Images that belong together.

    Returns
    -------
    correlation, p : arrays of float, shape (n_labels, n_labels)
        NaN where a label does not vary.

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
    rare = mean < RARE
    seen = _seen_variance(residual, groups)
    variance = np.maximum(spread.T @ spread, np.where(rare, 0.0, seen) if groups is None else seen)
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = sums / np.sqrt(squares * squares.T)
        p = 2 * stats.norm.sf(np.abs(sums) / np.sqrt(variance))
    fewer, more = stats.poisson.cdf(together, mean), stats.poisson.sf(together - 1, mean)
    poisson = np.minimum(1.0, 2 * np.minimum(fewer, more))
    return correlation, np.where(rare, np.maximum(p, poisson), p)


def count_together(Y: Floats, known: Floats) -> Floats:
    """Count the images with both labels of each pair, or add up the chance of it."""
    seen = Y * known
    return seen.T @ seen


def _seen_variance(residual: Floats, groups: ArrayLike | None) -> Floats:
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
    """Measure and test the dependence of each pair of labels.

    The test is the G-test of the four-field table, Fisher's exact test where it expects fewer than
    5 images in a field [1]_, and where images come in groups one that counts groups.

    Parameters
    ----------
    Y, known : arrays of float, shape (n_images, n_labels)
        The truth, 0 or 1, and 1 where it is known; a pair counts the images where both are.
    groups : array, shape (n_images,), optional
        Images that belong together and so are not independent.

    Returns
    -------
    Pairs
        Their correlation is the phi coefficient; ``information`` is their mutual information in
        nats.

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
    table = _four_fields(Y, known)
    n = known.T @ known
    # Rows are whether the first label is there, columns whether the second is.
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
        for j, k in np.argwhere(np.triu(expected.min(axis=(0, 1)) < RARE, 1)):
            p[j, k] = p[k, j] = stats.fisher_exact(table[:, :, j, k]).pvalue
    p = np.where(np.isnan(phi), np.nan, p)
    return Pairs(phi, p, table[1, 1], expected[1, 1], np.maximum(information, 0))


def _four_fields(Y: Floats, known: Floats) -> Floats:
    """Count the images of each pair by whether the first and the second label is there."""
    there, not_there = Y * known, (1 - Y) * known
    return np.array([[a.T @ b for b in (not_there, there)] for a in (not_there, there)])
