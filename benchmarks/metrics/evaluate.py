"""Metrics of one set of predictions."""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .curves import label_curves
from .scorecard import Scorecard, check_truth


def evaluate(
    Y: ArrayLike,
    scores: ArrayLike,
    predictions: ArrayLike | Mapping[str, ArrayLike],
    known: ArrayLike | None = None,
    averaged: ArrayLike | None = None,
) -> dict[str, float | int | None]:
    """Compute every metric.

    Parameters
    ----------
    Y : array of {0, 1}, shape (n_images, n_labels)
        True labels.
    scores : array of float, shape (n_images, n_labels)
        Higher values mean that the label is more likely; only their order matters.
    predictions : array of {0, 1}, shape (n_images, n_labels), or mapping of str to such arrays
        Predictions, for all metrics or for each one as in :class:`Scorecard`.
    known : array of bool, shape (n_images, n_labels), optional
        False where the true label is unknown; these cells count in no metric.
    averaged : array of bool, shape (n_labels,), optional
        False for labels that are too rare to be scored; they are in no macro average.

    Returns
    -------
    dict of str to float, int or None
        The metrics of :data:`METRICS` in their order, then ``labels_averaged``, the number of
        labels in the macro averages. None where a metric is undefined. Can be written as JSON.

    Raises
    ------
    ValueError
        As in :class:`Scorecard`, which also computes weighted and per-label metrics.

    Examples
    --------
    >>> metrics = evaluate([[1, 0], [1, 1]], [[0.9, 0.2], [0.4, 0.3]], [[1, 0], [1, 0]])
    >>> metrics["subset_accuracy"], metrics["macro_ap"], metrics["labels_averaged"]
    (0.5, 1.0, 1)
    """
    return scorecard_metrics(Scorecard(Y, scores, predictions, known, averaged))


def scorecard_metrics(card: Scorecard) -> dict[str, float | int | None]:
    """Return every metric of a scorecard in the form of :func:`evaluate`.

    Examples
    --------
    >>> scorecard_metrics(Scorecard([[1], [0]], [[0.9], [0.4]], [[1], [1]]))["hamming_loss"]
    0.5
    """
    values = {key: value.item() for key, value in card.measure().items()}
    metrics: dict[str, float | int | None] = {
        key: None if math.isnan(value) else value for key, value in values.items()
    }
    return metrics | {"labels_averaged": int(values["labels_averaged"])}


def macro_ap(Y: ArrayLike, scores: ArrayLike, known: ArrayLike | None = None) -> float | None:
    """Compute the macro AP only, for model selection.

    Parameters
    ----------
    Y, scores, known
        As in :func:`evaluate`.

    Returns
    -------
    float or None
        The same value as in :func:`evaluate`; None if no label has positive and negative images.

    Examples
    --------
    >>> macro_ap([[1, 0], [0, 1], [1, 0]], [[0.9, 0.1], [0.8, 0.2], [0.7, 0.3]])
    0.6666666666666666
    """
    positive, negative, score = check_truth(Y, scores, known)
    scorable = positive.any(axis=0) & negative.any(axis=0)
    if not scorable.any():
        return None
    curves = label_curves(positive[:, scorable], negative[:, scorable], score[:, scorable])
    return float(curves.areas(np.ones((1, len(score))))[0].mean())


def macro_aps(
    Y: ArrayLike, scores: ArrayLike, known: ArrayLike | None, weights: ArrayLike
) -> NDArray[np.float64]:
    """Compute the macro AP under several weightings of the images.

    Parameters
    ----------
    Y, scores, known
        As in :func:`evaluate`.
    weights : array of float, shape (n_resamples, n_images)
        How often each image counts.

    Returns
    -------
    array of float, shape (n_resamples,)
        NaN where no label has both positive and negative images.

    Examples
    --------
    >>> macro_aps([[1], [0], [1]], [[0.9], [0.8], [0.7]], None, [[1, 1, 1], [1, 1, 0]])
    array([0.83333333, 1.        ])
    """
    positive, negative, score = check_truth(Y, scores, known)
    weight = np.atleast_2d(np.asarray(weights, dtype=np.float64))
    ap, _ = label_curves(positive, negative, score).areas(weight)
    scorable = (weight @ positive > 0) & (weight @ negative > 0)
    count = scorable.sum(axis=1)
    total = np.where(scorable, ap, 0.0).sum(axis=1)
    return np.asarray(
        np.divide(total, count, out=np.full(len(weight), np.nan), where=count > 0), dtype=np.float64
    )
