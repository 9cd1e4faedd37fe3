"""Active selection: which unlabelled images to label next."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.preprocessing import normalize

RARITY_EXPONENT = 0.5
"""A label counts with its prevalence to the power of minus this."""

UNCERTAINTY_EXPONENT = 0.25
"""Power of the uncertainty in its product with the distance.

With a power of 1 the selection consists of images with many labels, and macro AP on photographs is
lower than with a random selection: see docs/suggest.md.
"""

_BLOCK = 1000  # labelled images whose distances are computed at once

Floats = NDArray[np.float64]


class SelectedImage(NamedTuple):
    """An image to label.

    Attributes
    ----------
    row : int
        Position among the candidates.
    uncertainty : float
        Between 0 and 1.
    distance : float
        Distance to the nearest labelled or selected image, when it was selected; between 0 and 2.
    """

    row: int
    uncertainty: float
    distance: float


def select_images(
    probabilities: ArrayLike,
    X: ArrayLike,
    n_images: int,
    *,
    prevalence: ArrayLike | None = None,
    X_labelled: ArrayLike | None = None,
) -> list[SelectedImage]:
    """Select images whose labels should teach a model most.

    The images are selected one after the other, each the one with the largest product of its
    uncertainty, to the power of 0.25, and its distance to the nearest image that is labelled or
    selected already. The distances spread the selection as in greedy k-centre [1]_; with equal
    uncertainties it is that.

    Parameters
    ----------
    probabilities : array of shape (n_candidates, n_labels)
        Of a model that was fitted to the labelled images.
    X : array of shape (n_candidates, n_features)
        Feature vectors, standardised.
    n_images : int
    prevalence : array of shape (n_labels,), optional
        Share of the labelled images with each label; rare labels have more weight.
    X_labelled : array of shape (n_labelled, n_features), optional
        Feature vectors of the labelled images.

    Returns
    -------
    list of SelectedImage
        In the order of selection; at most as many as there are candidates.

    References
    ----------
    .. [1] O. Sener, S. Savarese, "Active Learning for Convolutional Neural Networks: A Core-Set
       Approach", ICLR 2018.

    Examples
    --------
    >>> P = [[0.5], [0.5], [0.9], [0.99]]
    >>> X = [[1.0, 0.0], [1.0, 0.01], [0.0, 1.0], [-1.0, 0.0]]
    >>> [selected.row for selected in select_images(P, X, 2)]
    [0, 2]
    """
    uncertainty = weighted_uncertainty(probabilities, prevalence)
    unit = normalize(np.asarray(X, dtype=np.float32))
    squared = np.full(len(unit), 4.0)
    if X_labelled is not None:
        labelled = normalize(np.asarray(X_labelled, dtype=np.float32))
        for start in range(0, len(labelled), _BLOCK):
            similarity = (unit @ labelled[start : start + _BLOCK].T).max(axis=1)
            squared = np.minimum(squared, 2 - 2 * similarity)
    preference = uncertainty**UNCERTAINTY_EXPONENT
    selected = []
    free = np.ones(len(unit), dtype=bool)
    for _ in range(min(n_images, len(unit))):
        distance = np.sqrt(np.maximum(squared, 0))
        row = int(np.where(free, preference * distance, -1).argmax())
        selected.append(SelectedImage(row, float(uncertainty[row]), float(distance[row])))
        free[row] = False
        squared = np.minimum(squared, 2 - 2 * (unit @ unit[row]))
    return selected


def weighted_uncertainty(probabilities: ArrayLike, prevalence: ArrayLike | None = None) -> Floats:
    """Compute the uncertainty of each image: the weighted mean of ``4 p (1 - p)`` of its labels.

    Parameters
    ----------
    probabilities : array of shape (n_images, n_labels)
    prevalence : array of shape (n_labels,), optional
        Weights are ``prevalence ** -0.5``; equal by default.

    Returns
    -------
    ndarray of shape (n_images,)

    Examples
    --------
    >>> weighted_uncertainty([[0.5, 1.0], [1.0, 0.5]], [0.64, 0.04]).round(3).tolist()
    [0.2, 0.8]
    """
    P = np.asarray(probabilities, dtype=np.float64)
    weights = np.ones(P.shape[1])
    if prevalence is not None:
        weights = np.asarray(prevalence, dtype=np.float64) ** -RARITY_EXPONENT
    return np.asarray((4 * P * (1 - P)) @ weights / weights.sum())


def smoothed_prevalence(positives: ArrayLike, n_images: int) -> Floats:
    """Return the share of images with each label, never 0 or 1: Laplace's rule of succession.

    Examples
    --------
    >>> smoothed_prevalence([0, 3], 8).tolist()
    [0.1, 0.4]
    """
    return np.asarray((np.asarray(positives, dtype=np.float64) + 1) / (n_images + 2))
