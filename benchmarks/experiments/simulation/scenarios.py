"""Synthetic data sets with a known dependence between their labels."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Floats = NDArray[np.float64]
Labels = NDArray[np.uint8]
Scenario = Callable[[np.random.Generator, int], tuple[Floats, Labels]]


def independent_labels(rng: np.random.Generator, n_images: int) -> tuple[Floats, Labels]:
    """Draw four labels that depend on one feature each; four further features are noise.

    Given the features the labels are independent, and they are exchangeable: the expected metrics
    of a method do not depend on their order.

    Examples
    --------
    >>> X, Y = independent_labels(np.random.default_rng(0), 5)
    >>> X.shape, Y.shape
    ((5, 8), (5, 4))
    """
    X = rng.normal(size=(n_images, 8))
    return X, _draw(rng, expit(1.5 * X[:, :4] - 1))


def exclusive_or(rng: np.random.Generator, n_images: int) -> tuple[Floats, Labels]:
    """Draw two labels that depend on one feature each, and their exclusive or as a third label.

    No single feature, and no linear combination of features, predicts the third label.

    Examples
    --------
    >>> X, Y = exclusive_or(np.random.default_rng(0), 100)
    >>> bool((Y[:, 2] == Y[:, 0] ^ Y[:, 1]).all())
    True
    """
    X = rng.normal(size=(n_images, 6))
    first = _draw(rng, expit(5 * X[:, :2]))
    return X, np.column_stack([first, first[:, 0] ^ first[:, 1]])


def mutual_exclusion(rng: np.random.Generator, n_images: int) -> tuple[Floats, Labels]:
    """Draw one of four mutually exclusive labels, rarely none.

    The features predict the label only roughly, so that each single label is improbable although
    almost every image has one.

    Examples
    --------
    >>> X, Y = mutual_exclusion(np.random.default_rng(0), 100)
    >>> Y.sum(axis=1).max().item()
    1
    """
    return _exclusive(rng, n_images, 0.5)


def strong_exclusion(rng: np.random.Generator, n_images: int) -> tuple[Floats, Labels]:
    """Draw one of four mutually exclusive labels that the features predict well, rarely none.

    Examples
    --------
    >>> X, Y = strong_exclusion(np.random.default_rng(0), 100)
    >>> Y.sum(axis=1).max().item()
    1
    """
    return _exclusive(rng, n_images, 2.0)


def cooccurrence(rng: np.random.Generator, n_images: int) -> tuple[Floats, Labels]:
    """Draw four labels that occur together more often than the features predict.

    Examples
    --------
    >>> X, Y = cooccurrence(np.random.default_rng(0), 2000)
    >>> bool(np.corrcoef(Y.T)[0, 1] > 0.1)
    True
    """
    X = rng.normal(size=(n_images, 8))
    shared = 1.2 * rng.normal(size=(n_images, 1))
    return X, _draw(rng, expit(1.2 * X[:, :4] + shared - 1))


def shared_nonlinearity(rng: np.random.Generator, n_images: int) -> tuple[Floats, Labels]:
    """Draw four labels that all depend on the square of one feature.

    No linear model can use the square, so the errors of a linear model are correlated.

    Examples
    --------
    >>> X, Y = shared_nonlinearity(np.random.default_rng(0), 5)
    >>> X.shape, Y.shape
    ((5, 8), (5, 4))
    """
    X = rng.normal(size=(n_images, 8))
    return X, _draw(rng, expit(X[:, :4] + 1.2 * (X[:, 4:5] ** 2 - 1) - 1))


def rare_labels_2(rng: np.random.Generator, n_images: int) -> tuple[Floats, Labels]:
    """Draw four independent labels, each in about 2 % of the images.

    Examples
    --------
    >>> float(rare_labels_2(np.random.default_rng(0), 100_000)[1].mean().round(2))
    0.02
    """
    X = rng.normal(size=(n_images, 8))
    return X, _draw(rng, expit(1.5 * X[:, :4] - 4.8))


def rare_labels_5(rng: np.random.Generator, n_images: int) -> tuple[Floats, Labels]:
    """Draw four independent labels, each in about 5 % of the images.

    Examples
    --------
    >>> float(rare_labels_5(np.random.default_rng(0), 100_000)[1].mean().round(2))
    0.05
    """
    X = rng.normal(size=(n_images, 8))
    return X, _draw(rng, expit(1.5 * X[:, :4] - 3.85))


def partial_exclusion(
    rng: np.random.Generator, n_images: int, share: float
) -> tuple[Floats, Labels]:
    """Draw mutually exclusive labels for a share of the images, independent ones for the others.

    The larger the share, the more a joint method gains in subset accuracy.

    Examples
    --------
    >>> X, Y = partial_exclusion(np.random.default_rng(0), 100, 0.5)
    >>> Y.shape
    (100, 4)
    """
    X, exclusive = _exclusive(rng, n_images, 0.5)
    independent = _draw(rng, expit(0.5 * X[:, :4] - 1.2))
    return X, np.where(rng.random((n_images, 1)) < share, exclusive, independent)


def _exclusive(rng: np.random.Generator, n_images: int, slope: float) -> tuple[Floats, Labels]:
    X = rng.normal(size=(n_images, 8))
    label = (slope * X[:, :4] + rng.gumbel(size=(n_images, 4))).argmax(axis=1)
    Y = np.eye(4, dtype=np.uint8)[label]
    Y[rng.random(n_images) < 0.05] = 0
    return X, Y


def _draw(rng: np.random.Generator, probabilities: Floats) -> Labels:
    return (rng.random(probabilities.shape) < probabilities).astype(np.uint8)
