"""The part of a difference's variance that only the folds show."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]

CLEARLY = 0.10
"""Level of the test that the folds differ by more than their test images explain."""


@dataclass(frozen=True)
class Spread:
    """How much wider than the bootstrap's a difference is spread.

    Attributes
    ----------
    stretch : float
        Factor of the resampled differences.
    df : float
        Degrees of freedom of the standard error; infinite where it rests on the images alone.
    """

    stretch: float
    df: float


def spread_of(by_fold: Floats, variance: float, relative_test_size: float) -> Spread:
    """Return what to allow for the training images, from the differences in the folds.

    Resampling the test images leaves the fitted models as they are. What other training images
    would have changed, the choice of parameters included, is allowed for by the ratio of test to
    training images of a fit [1]_. Where models differ by more than that (a parameter that jumps
    from fold to fold), the folds differ by more than their images explain: Cochran's test [2]_ of
    the variance between folds. Then the excess (the variance component of a random-effects model)
    is added with Nadeau and Bengio's factor, 1/K for the mean of K folds and the ratio for what
    their training images have in common; the degrees of freedom follow Satterthwaite.

    Parameters
    ----------
    by_fold : array of float, shape (n_partitions, n_folds)
        The difference in each fold, NaN where it has none; no fold at all for a single test set.
    variance : float
        Of the difference on all test images, by the bootstrap.
    relative_test_size : float
        Test images of a fit for each training image.

    References
    ----------
    .. [1] C. Nadeau and Y. Bengio, "Inference for the Generalization Error", Machine Learning 52,
       2003.
    .. [2] W. G. Cochran, "The Combination of Estimates from Different Experiments", Biometrics 10,
       1954.

    Examples
    --------
    >>> spread_of(np.array([[0.01, -0.01, 0.02, 0.0, -0.02]]), 5e-5, 0.25)
    Spread(stretch=1.118033988749895, df=inf)
    >>> found = spread_of(np.array([[0.1, -0.1, 0.2, 0.0, -0.2]]), 5e-5, 0.25)
    >>> round(found.stretch, 1), round(found.df, 1)
    (15.0, 4.0)
    """
    plain = Spread(float(np.sqrt(1 + relative_test_size)), np.inf)
    n_partitions, k = by_fold.shape
    if k < 2 or n_partitions < 1 or variance <= 0 or np.isnan(by_fold).any():
        return plain
    between = float(by_fold.var(axis=1, ddof=1).mean())
    explained = k * variance  # one fold has a K-th of the images
    df = k - 1.0
    if between <= explained * stats.chi2.isf(CLEARLY, df) / df:
        return plain
    excess = (1 / k + relative_test_size) * (between - explained)
    total = (1 + relative_test_size) * variance + excess
    return Spread(float(np.sqrt(total / variance)), df * (total / excess) ** 2)
