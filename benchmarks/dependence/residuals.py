"""Whether two labels go together more often, or less, than expected image by image."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Floats = NDArray[np.float64]

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
