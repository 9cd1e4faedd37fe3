"""Average precision of one label: three published definitions, and the leave-one-out estimate."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

UNDEFINED_PRECISION = 0.5
"""Precision above the first positive image, if no positive image has another one above it."""


def average_precision(
    truth: ArrayLike, scores: ArrayLike, weights: ArrayLike | None = None
) -> float:
    """Compute the area under the precision-recall steps, as scikit-learn does.

    Each positive image contributes the precision among all images that score at least as high.

    Parameters
    ----------
    truth : array of {0, 1}, shape (n_images,)
        Whether each image has the label.
    scores : array of float, shape (n_images,)
        Higher values mean that the label is more likely.
    weights : array of float, shape (n_images,), optional
        How often each image counts; once by default.

    Returns
    -------
    float
        Between the share of positive images (chance level) and 1; NaN without a positive image.

    Examples
    --------
    >>> average_precision([1, 0, 1], [0.9, 0.8, 0.7])
    0.8333333333333333
    """
    true_positives, retrieved = _cumulative_counts(truth, scores, weights)
    if not true_positives.size or not true_positives[-1]:
        return float("nan")
    gained = np.diff(true_positives, prepend=0.0)
    precision = np.divide(
        true_positives, retrieved, out=np.zeros_like(true_positives), where=retrieved > 0
    )
    return float(gained @ precision / true_positives[-1])


def interpolated_precision(
    truth: ArrayLike, scores: ArrayLike, weights: ArrayLike | None = None
) -> float:
    """Compute the area under the precision envelope, the AP of PASCAL VOC since 2010.

    The precision at a recall is the highest one at that or a higher recall [1]_.

    Parameters
    ----------
    truth, scores, weights
        As in :func:`average_precision`.

    Returns
    -------
    float
        At least :func:`average_precision`; NaN without a positive image.

    References
    ----------
    .. [1] M. Everingham and J. Winn, "The PASCAL Visual Object Classes Challenge 2010
       Development Kit", section 3.4.1.

    Examples
    --------
    >>> round(interpolated_precision([1, 0, 0, 1, 1], [0.9, 0.8, 0.7, 0.6, 0.5]), 4)
    0.7333
    """
    true_positives, envelope = _precision_envelope(truth, scores, weights)
    if not true_positives.size or not true_positives[-1]:
        return float("nan")
    return float(np.diff(true_positives, prepend=0.0) @ envelope / true_positives[-1])


def eleven_point_precision(
    truth: ArrayLike, scores: ArrayLike, weights: ArrayLike | None = None
) -> float:
    """Compute the mean precision envelope at recalls 0, 0.1, ..., 1, the AP of PASCAL VOC 2007.

    Parameters
    ----------
    truth, scores, weights
        As in :func:`average_precision`.

    Returns
    -------
    float
        NaN without a positive image.

    References
    ----------
    .. [1] M. Everingham et al., "The Pascal Visual Object Classes (VOC) Challenge", IJCV 88,
       2010, section 4.2.

    Examples
    --------
    >>> round(eleven_point_precision([1, 0, 0, 1, 1], [0.9, 0.8, 0.7, 0.6, 0.5]), 4)
    0.7455
    """
    true_positives, envelope = _precision_envelope(truth, scores, weights)
    if not true_positives.size or not true_positives[-1]:
        return float("nan")
    # Compared as counts, because 0.1 * 3 is not exactly 3 / 10.
    first = np.searchsorted(10 * true_positives, np.arange(11) * true_positives[-1])
    return float(envelope[first].mean())


def leave_one_out_ap(
    positive: Bools, negative: Bools, scores: Floats, units: ArrayLike | None = None
) -> float:
    """Estimate the average precision in the limit of many images from the same source.

    The usual AP counts each positive image among those ranked as high as itself. With m positive
    images this raises it by about log(m) / m times p (1 - p): 0.05 for 10 positives. Here each
    positive image is compared with the *other* images, and the count of other positives is scaled
    to m. The remaining bias is below 0.01 from 12 positives on (`docs/statistics.md`).

    Parameters
    ----------
    positive, negative : arrays of bool, shape (n_images,)
        Images with the label and images without it.
    scores : array of float, shape (n_images,)
        Higher values mean that the label is more likely.
    units : array, shape (n_images,), optional
        Groups of dependent rows; rows of the same group do not count as "other" images.

    Returns
    -------
    float
        NaN with fewer than two units with positives, or without a negative image.

    Examples
    --------
    >>> truth = np.array([True, False, True, False])
    >>> leave_one_out_ap(truth, ~truth, np.array([4.0, 3.0, 2.0, 1.0]))
    0.666...
    """
    unit_of_row = (
        np.arange(len(scores)) if units is None else np.unique(units, return_inverse=True)[1]
    )
    order = np.lexsort((-scores[positive], unit_of_row[positive]))
    score, unit = scores[positive][order], unit_of_row[positive][order]
    starts = np.flatnonzero(np.diff(unit, prepend=-1))
    sizes = np.diff(np.append(starts, len(unit)))
    if len(starts) < 2 or not negative.any():
        return np.nan
    m = len(score)
    above = m - np.searchsorted(np.sort(score), score, side="left")  # positives as high or higher
    above_in_unit = np.arange(m) - np.repeat(starts, sizes) + 1
    others = (above - above_in_unit) * m / (m - np.repeat(sizes, sizes))
    false_positives = negative.sum() - np.searchsorted(
        np.sort(scores[negative]), score, side="left"
    )
    retrieved = others + false_positives
    precision = np.divide(others, retrieved, out=np.full(m, np.nan), where=retrieved > 0)
    by_rank = precision[np.argsort(-score, kind="stable")]
    first = by_rank[: np.count_nonzero(np.isnan(by_rank)) + 2]
    fill_value = UNDEFINED_PRECISION if np.isnan(first).all() else float(np.nanmean(first))
    return float(np.where(np.isnan(precision), fill_value, precision).mean())


def leave_one_out_macro_ap(
    positive: Bools,
    negative: Bools,
    scores: Floats,
    averaged: Bools,
    units: ArrayLike | None = None,
) -> float:
    """Estimate the macro AP in the limit of many images: the mean over the averaged labels.

    Parameters
    ----------
    positive, negative, scores
        As in `leave_one_out_ap`, of shape (n_images, n_labels).
    averaged : array of bool, shape (n_labels,)
    units : array, shape (n_images,), optional

    Returns
    -------
    float
        NaN if no label has a value.
    """
    values = np.array(
        [
            leave_one_out_ap(positive[:, label], negative[:, label], scores[:, label], units)
            for label in np.flatnonzero(averaged)
        ]
    )
    return float(np.nanmean(values)) if (~np.isnan(values)).any() else np.nan


def _cumulative_counts(
    truth: ArrayLike, scores: ArrayLike, weights: ArrayLike | None
) -> tuple[Floats, Floats]:
    """Return the numbers of positives and of all images at or above each distinct score."""
    y = np.asarray(truth, dtype=np.float64)
    score = np.asarray(scores)
    weight = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=np.float64)
    order = np.argsort(score, kind="stable")[::-1]
    score = score[order]
    last_of_tie = np.flatnonzero(np.append(score[1:] != score[:-1], True)[: len(y)])
    return np.cumsum((weight * y)[order])[last_of_tie], np.cumsum(weight[order])[last_of_tie]


def _precision_envelope(
    truth: ArrayLike, scores: ArrayLike, weights: ArrayLike | None
) -> tuple[Floats, Floats]:
    """Return the cumulative true positives and the highest precision at that or more recall."""
    true_positives, retrieved = _cumulative_counts(truth, scores, weights)
    precision = np.divide(
        true_positives, retrieved, out=np.zeros_like(true_positives), where=retrieved > 0
    )
    return true_positives, np.maximum.accumulate(precision[::-1])[::-1]
