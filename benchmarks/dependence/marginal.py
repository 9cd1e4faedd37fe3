"""Which labels keep company and which avoid each other, whatever the pictures show besides."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from scipy.special import xlogy

from .pairs import Pairs
from .residuals import RARE, correlate_residuals

Floats = NDArray[np.float64]


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
