"""Average precision of one label, in the three forms that are published."""

import numpy as np
from numpy.typing import ArrayLike

from .checks import Floats


def _points(
    truth: ArrayLike, scores: ArrayLike, weights: ArrayLike | None
) -> tuple[Floats, Floats]:
    """Count the positives and all images down to each distinct score, from the highest."""
    y = np.asarray(truth, dtype=np.float64)
    score = np.asarray(scores)
    weight = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=np.float64)
    order = np.argsort(score, kind="stable")[::-1]
    score = score[order]
    last = np.flatnonzero(np.append(score[1:] != score[:-1], True)[: len(y)])  # of each tie
    return np.cumsum((weight * y)[order])[last], np.cumsum(weight[order])[last]


def average_precision(
    truth: ArrayLike, scores: ArrayLike, weights: ArrayLike | None = None
) -> float:
    """Area under the precision-recall steps, as scikit-learn computes it.

    Each true image counts the precision among all images that score at least as high.

    Parameters
    ----------
    truth : array of {0, 1}, shape (n_images,)
        Whether each image carries the label.
    scores : array of float, shape (n_images,)
        Higher means more likely to carry it.
    weights : array of float, shape (n_images,), optional
        How often each image counts; once by default.

    Returns
    -------
    float
        Between the share of true images, which chance reaches, and 1; NaN without a true image.

    Examples
    --------
    >>> average_precision([1, 0, 1], [0.9, 0.8, 0.7])
    0.8333333333333333
    """
    found, seen = _points(truth, scores, weights)
    if not found.size or not found[-1]:
        return float("nan")
    gained = np.diff(found, prepend=0.0)
    precision = np.divide(found, seen, out=np.zeros_like(found), where=seen > 0)
    return float(gained @ precision / found[-1])


def interpolated_precision(
    truth: ArrayLike, scores: ArrayLike, weights: ArrayLike | None = None
) -> float:
    """Area under the precision envelope, the AP of PASCAL VOC since 2010.

    The precision at a recall is the best one at that recall or a higher one [1]_.

    Parameters
    ----------
    truth, scores, weights
        As in :func:`average_precision`.

    Returns
    -------
    float
        Never less than :func:`average_precision`; NaN without a true image.

    References
    ----------
    .. [1] M. Everingham and J. Winn, "The PASCAL Visual Object Classes Challenge 2010
       Development Kit", section 3.4.1.

    Examples
    --------
    >>> round(interpolated_precision([1, 0, 0, 1, 1], [0.9, 0.8, 0.7, 0.6, 0.5]), 4)
    0.7333
    """
    found, envelope = _envelope(truth, scores, weights)
    if not found.size or not found[-1]:
        return float("nan")
    return float(np.diff(found, prepend=0.0) @ envelope / found[-1])


def eleven_point_precision(
    truth: ArrayLike, scores: ArrayLike, weights: ArrayLike | None = None
) -> float:
    """Mean of the precision envelope at the recalls 0, 0.1, ..., 1, the AP of PASCAL VOC 2007.

    Parameters
    ----------
    truth, scores, weights
        As in :func:`average_precision`.

    Returns
    -------
    float
        NaN without a true image.

    References
    ----------
    .. [1] M. Everingham et al., "The Pascal Visual Object Classes (VOC) Challenge", IJCV 88,
       2010, section 4.2.

    Examples
    --------
    >>> round(eleven_point_precision([1, 0, 0, 1, 1], [0.9, 0.8, 0.7, 0.6, 0.5]), 4)
    0.7455
    """
    found, envelope = _envelope(truth, scores, weights)
    if not found.size or not found[-1]:
        return float("nan")
    # Compared as counts: 3 of 10 found is a recall of 0.3, whatever the rounding of 0.1 * 3.
    first = np.searchsorted(10 * found, np.arange(11) * found[-1])
    return float(envelope[first].mean())


def _envelope(
    truth: ArrayLike, scores: ArrayLike, weights: ArrayLike | None
) -> tuple[Floats, Floats]:
    found, seen = _points(truth, scores, weights)
    precision = np.divide(found, seen, out=np.zeros_like(found), where=seen > 0)
    return found, np.maximum.accumulate(precision[::-1])[::-1]
