"""All metrics of one set of predictions, for any weights of the images."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .curves import Bools, Floats, divide, label_curves
from .metric import METRICS
from .precision_recall import leave_one_out_ap, leave_one_out_macro_ap

PREDICTION_METRICS = (
    "hamming_loss",
    "subset_accuracy",
    "macro_f1",
    "micro_f1",
    "sample_f1",
    "jaccard",
)
"""Metrics of thresholded predictions; all others are metrics of the scores."""


class Scorecard:
    """Predictions and true labels, sorted once and scored for any weights of the images.

    The sorting, which takes most of the time, is done once; a bootstrap then only changes how
    often each image counts.

    Parameters
    ----------
    Y : array of {0, 1}, shape (n_images, n_labels)
        True labels.
    scores : array of float, shape (n_images, n_labels)
        Higher values mean that the label is more likely; only their order matters.
    predictions : array of {0, 1}, shape (n_images, n_labels), or mapping of str to such arrays
        Predictions, or one such array for each metric of :data:`PREDICTION_METRICS`, if thresholds
        were chosen for each metric; None for scores that only rank images, whose metrics of
        predictions are NaN.
    known : array of bool, shape (n_images, n_labels), optional
        False where the true label is unknown; these cells count in no metric.
    averaged : array of bool, shape (n_labels,), optional
        False for labels that are too rare to be scored; they are in no macro average.

    Raises
    ------
    ValueError
        If the shapes differ, a score is NaN, or `Y` or `predictions` hold values other than 0 and
        1.

    Examples
    --------
    >>> card = Scorecard([[1, 0], [0, 1]], [[0.9, 0.2], [0.4, 0.3]], [[1, 0], [0, 0]])
    >>> metrics = card.measure([[1, 1], [2, 0]])
    >>> metrics["subset_accuracy"].tolist()
    [0.5, 1.0]
    """

    def __init__(
        self,
        Y: ArrayLike,
        scores: ArrayLike,
        predictions: ArrayLike | Mapping[str, ArrayLike] | None,
        known: ArrayLike | None = None,
        averaged: ArrayLike | None = None,
    ) -> None:
        positive, negative, score = check_truth(Y, scores, known)
        self._only_ranks = predictions is None
        if predictions is None:
            predictions = np.zeros(score.shape, dtype=np.bool_)
        predicted = _check_predictions(predictions, positive | negative)
        self.n_images, self.n_labels = score.shape
        self._averaged = np.ones(self.n_labels, dtype=np.bool_)
        if averaged is not None:
            self._averaged &= np.asarray(averaged, dtype=np.bool_)
        self._positive, self._negative = positive.astype(float), negative.astype(float)
        self._scores = score
        self._predicted = predicted["macro_f1"].astype(float)
        self._correct = (positive & predicted["macro_f1"]).astype(float)
        terms = _image_terms(positive, negative, predicted, score)
        self._ratio_keys = tuple(terms)
        self._numerators, self._denominators = (
            np.stack(part, axis=1) for part in zip(*terms.values(), strict=True)
        )
        self._label_curves = label_curves(positive, negative, score)
        self._micro_curve = label_curves(positive, negative, score, micro=True)

    def measure(self, weights: ArrayLike | None = None) -> dict[str, Floats]:
        """Compute every metric.

        Parameters
        ----------
        weights : array of float, shape (n_images,) or (n_resamples, n_images), optional
            How often each image counts, for example counts of a bootstrap resample; once by
            default.

        Returns
        -------
        dict of str to array of float, shape () or (n_resamples,)
            The metrics of :data:`METRICS` in their order, then ``labels_averaged``; NaN where a
            metric is undefined.
        """
        batch, shape = self._batch(weights)
        ratios = divide(batch @ self._numerators, batch @ self._denominators)
        values = dict(zip(self._ratio_keys, ratios.T, strict=True))
        values["micro_ap"] = self._micro_curve.areas(batch)[0][:, 0]
        per_label = self._per_label(batch)
        scorable = ~np.isnan(per_label["ap"])
        count = scorable.sum(axis=1).astype(float)
        for name, value in per_label.items():
            values[f"macro_{name}"] = divide(value.sum(axis=1, where=scorable), count)
        values["labels_averaged"] = count
        if self._only_ranks:
            values |= {key: np.full(len(batch), np.nan) for key in PREDICTION_METRICS}
        return {key: values[key].reshape(shape) for key in (*METRICS, "labels_averaged")}

    def per_label(self, weights: ArrayLike | None = None) -> dict[str, Floats]:
        """Compute ``ap``, ``auroc`` and ``f1`` of each label.

        Parameters
        ----------
        weights : array of float, shape (n_images,) or (n_resamples, n_images), optional
            As in :meth:`measure`.

        Returns
        -------
        dict of str to array of float, shape (n_labels,) or (n_resamples, n_labels)
            NaN for labels without a positive or without a negative image, and for labels that are
            not averaged.

        Examples
        --------
        >>> card = Scorecard([[1, 1], [0, 1]], [[0.9, 0.2], [0.4, 0.3]], [[1, 0], [1, 0]])
        >>> card.per_label()["f1"]
        array([0.66666667,        nan])
        """
        batch, shape = self._batch(weights)
        parts = self._per_label(batch)
        return {name: value.reshape(*shape, self.n_labels) for name, value in parts.items()}

    @property
    def positive(self) -> Bools:
        """Cells whose label is known to be present, of shape (n_images, n_labels)."""
        return self._positive > 0

    @property
    def negative(self) -> Bools:
        """Cells whose label is known to be absent, of shape (n_images, n_labels)."""
        return self._negative > 0

    @property
    def averaged(self) -> Bools:
        """Labels in the macro averages, of shape (n_labels,)."""
        return self._averaged

    def image_terms(self) -> dict[str, tuple[Floats, float]]:
        """Return each image's numerator, and the denominator, of metrics that are ratios of sums.

        Returns
        -------
        dict of str to (array of float of shape (n_images,), float)
        """
        return {
            key: (self._numerators[:, column], float(self._denominators[:, column].sum()))
            for column, key in enumerate(self._ratio_keys)
            if not (self._only_ranks and key in PREDICTION_METRICS)
        }

    def unbiased_ap(self, units: ArrayLike | None = None) -> dict[str, float]:
        """Estimate ``macro_ap`` and ``micro_ap`` in the limit of many images of the same source.

        Parameters
        ----------
        units : array, shape (n_images,), optional
            Groups of dependent rows.

        Returns
        -------
        dict of str to float
            See `catnocat.benchmarks.metrics.precision_recall.leave_one_out_ap`.
        """
        positive, negative = self.positive, self.negative
        known = positive | negative
        rows, _ = np.nonzero(known)
        cell_units = rows if units is None else np.asarray(units)[rows]
        return {
            "macro_ap": leave_one_out_macro_ap(
                positive, negative, self._scores, self._averaged, units
            ),
            "micro_ap": leave_one_out_ap(
                positive[known], negative[known], self._scores[known], cell_units
            ),
        }

    def _batch(self, weights: ArrayLike | None) -> tuple[Floats, tuple[int, ...]]:
        batch = np.ones(self.n_images) if weights is None else np.asarray(weights, dtype=float)
        if batch.ndim not in (1, 2) or batch.shape[-1] != self.n_images:
            raise ValueError(f"weights {batch.shape} must end in the {self.n_images} images")
        return np.atleast_2d(batch), batch.shape[:-1]

    def _per_label(self, weights: Floats) -> dict[str, Floats]:
        positives, negatives = weights @ self._positive, weights @ self._negative
        ap, auroc = self._label_curves.areas(weights)
        f1 = divide(2 * (weights @ self._correct), positives + weights @ self._predicted)
        if self._only_ranks:
            f1 = np.full_like(f1, np.nan)
        scorable = (positives > 0) & (negatives > 0) & self._averaged
        return {
            name: np.where(scorable, value, np.nan)
            for name, value in (("ap", ap), ("auroc", auroc), ("f1", f1))
        }


def check_truth(
    Y: ArrayLike, scores: ArrayLike, known: ArrayLike | None
) -> tuple[Bools, Bools, Floats]:
    """Return the positive cells, the negative cells and the scores; unknown cells are neither.

    Raises
    ------
    ValueError
        If the shapes differ, a score is NaN, or `Y` holds values other than 0 and 1.
    """
    score = np.asarray(scores, dtype=np.float64)
    if score.ndim != 2:
        raise ValueError(f"the scores must be images x labels, not of shape {score.shape}")
    if np.isnan(score).any():
        raise ValueError("a score is NaN; every image needs a score for every label")
    truth = _check_binary("Y", Y, score.shape)
    is_known = np.ones_like(truth) if known is None else _check_binary("known", known, score.shape)
    return truth & is_known, ~truth & is_known, score


def _check_binary(name: str, values: ArrayLike, shape: tuple[int, ...]) -> Bools:
    """Return an array of 0 and 1 as booleans; raise a ValueError for other values or shapes."""
    array = np.asarray(values)
    if array.shape != shape:
        raise ValueError(f"{name} has shape {array.shape}, the scores have {shape}")
    if not ((array == 0) | (array == 1)).all():
        raise ValueError(f"{name} must hold 0 and 1 only")
    return array.astype(np.bool_)


def _check_predictions(
    predictions: ArrayLike | Mapping[str, ArrayLike], known: Bools
) -> dict[str, Bools]:
    """Return the predictions for each metric; cells whose true label is unknown are False."""
    by_metric = (
        predictions
        if isinstance(predictions, Mapping)
        else dict.fromkeys(PREDICTION_METRICS, predictions)
    )
    return {
        key: _check_binary("predictions", by_metric[key], known.shape) & known
        for key in PREDICTION_METRICS
    }


def _image_terms(
    positive: Bools, negative: Bools, predicted: Mapping[str, Bools], scores: Floats
) -> dict[str, tuple[Floats, Floats]]:
    """Return each image's numerator and denominator of every metric that is a ratio of sums."""
    n_true = positive.sum(axis=1).astype(float)
    n_known = (positive | negative).sum(axis=1).astype(float)
    has_label, has_known = (n_true > 0).astype(float), (n_known > 0).astype(float)

    def overlap(key: str) -> tuple[Floats, Floats]:
        """Return the number of true predicted labels, and the sum of the sizes of both sets."""
        n_correct = (positive & predicted[key]).sum(axis=1).astype(float)
        return n_correct, n_true + predicted[key].sum(axis=1)

    def n_wrong(key: str) -> Floats:
        n_correct, sizes = overlap(key)
        return sizes - 2 * n_correct

    sample_correct, sample_sizes = overlap("sample_f1")
    jaccard_correct, jaccard_sizes = overlap("jaccard")
    micro_correct, micro_sizes = overlap("micro_f1")
    ranking = rank_labels(positive, negative, scores)
    return {key: (term, has_label) for key, term in ranking.items()} | {
        "hamming_loss": (n_wrong("hamming_loss"), n_known),
        "subset_accuracy": ((n_wrong("subset_accuracy") == 0) * has_known, has_known),
        "micro_f1": (2 * micro_correct, micro_sizes),
        "sample_f1": (
            divide(2 * sample_correct, sample_sizes, default=1.0) * has_known,
            has_known,
        ),
        "jaccard": (
            divide(jaccard_correct, jaccard_sizes - jaccard_correct, default=1.0) * has_known,
            has_known,
        ),
    }


def rank_labels(positive: Bools, negative: Bools, scores: Floats) -> dict[str, Floats]:
    """Compute the ranking metrics of each image.

    Ties count against the ranking: labels of equal score all have the lowest of their ranks. Labels
    that are neither positive nor negative are left out.

    Parameters
    ----------
    positive, negative : arrays of bool, shape (n_images, n_labels)
        Labels that are known to be present and known to be absent.
    scores : array of float, shape (n_images, n_labels)
        Higher values mean that the label is more likely.

    Returns
    -------
    dict of str to array of float, shape (n_images,)
        ``lrap``, ``ranking_loss``, ``coverage`` (0-based) and ``one_error``; 0 for images without a
        true label, for which they are undefined.

    Examples
    --------
    >>> truth = np.array([[True, False, True]])
    >>> metrics = rank_labels(truth, ~truth, np.array([[0.9, 0.5, 0.2]]))
    >>> {key: values.round(3).tolist() for key, values in metrics.items()}
    {'lrap': [0.833], 'ranking_loss': [0.5], 'coverage': [2.0], 'one_error': [0.0]}
    """
    order = np.argsort(-scores, axis=1, kind="stable")
    is_true, is_false = (np.take_along_axis(part, order, axis=1) for part in (positive, negative))
    last = _last_of_tie(np.take_along_axis(scores, order, axis=1))
    true_above, false_above = (
        np.take_along_axis(np.cumsum(part, axis=1), last, axis=1) for part in (is_true, is_false)
    )
    rank = true_above + false_above
    n_true, n_false = is_true.sum(axis=1), is_false.sum(axis=1)
    precision = np.where(is_true, true_above / np.maximum(rank, 1), 0.0).sum(axis=1)
    wrong_pairs = np.where(is_true, false_above, 0).sum(axis=1)
    highest_rank = rank.min(axis=1, where=is_true | is_false, initial=scores.shape[1])
    false_at_top = (rank == highest_rank[:, None]) & is_false
    lowest_true = np.where(is_true, rank, 0).max(axis=1, initial=0)
    return {
        "lrap": precision / np.maximum(n_true, 1),
        "ranking_loss": wrong_pairs / np.maximum(n_true * n_false, 1),
        "coverage": np.maximum(lowest_true - 1, 0).astype(float),
        "one_error": (false_at_top.any(axis=1) & (n_true > 0)).astype(float),
    }


def _last_of_tie(sorted_scores: Floats) -> NDArray[np.intp]:
    """Return the position of the last label with the same score, in each row."""
    n_labels = sorted_scores.shape[1]
    is_last = np.ones(sorted_scores.shape, dtype=np.bool_)
    is_last[:, :-1] = sorted_scores[:, :-1] != sorted_scores[:, 1:]
    position = np.where(is_last, np.arange(n_labels), n_labels)
    return np.minimum.accumulate(position[:, ::-1], axis=1)[:, ::-1]
