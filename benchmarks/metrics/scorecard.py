"""All metrics of one set of predictions, under any weights of the images."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from .checks import Bools, Floats, check_binary, check_truth
from .curves import label_curves
from .leave_one_out import leave_one_out_ap, leave_one_out_macro_ap
from .metric import METRICS
from .ranking import rank_images

#: The metrics of yes-no answers; all others are of the scores.
ANSWER_METRICS = (
    "hamming_loss",
    "subset_accuracy",
    "macro_f1",
    "micro_f1",
    "sample_f1",
    "jaccard",
)


class Scorecard:
    """Predictions beside the truth, taken apart once and measured under any weights.

    Everything that costs time, sorting above all, happens here and once; a bootstrap then only
    changes how often each image counts.

    Parameters
    ----------
    Y : array of {0, 1}, shape (n_images, n_labels)
        The truth.
    scores : array of float, shape (n_images, n_labels)
        Higher means more likely; only their order matters.
    predictions : array of {0, 1}, shape (n_images, n_labels), or mapping of str to such arrays
        The yes-no answers; or the answers that each metric of :data:`ANSWER_METRICS` is to judge,
        where they were given with that metric in mind; None for scores that only rank: the
        metrics of answers are then NaN.
    known : array of bool, shape (n_images, n_labels), optional
        False where the truth is not known; those cells count in no metric.
    averaged : array of bool, shape (n_labels,), optional
        False for a label that is too rare to be judged by itself; no macro average is over it.

    Raises
    ------
    ValueError
        If the shapes differ, a score is NaN, or `Y` or `predictions` hold anything but 0 and 1.

    Examples
    --------
    >>> card = Scorecard([[1, 0], [0, 1]], [[0.9, 0.2], [0.4, 0.3]], [[1, 0], [0, 0]])
    >>> measured = card.measure([[1, 1], [2, 0]])
    >>> measured["subset_accuracy"].tolist()
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
        answers = _answers(predictions, positive | negative)
        self.n_images, self.n_labels = score.shape
        self._averaged = np.ones(self.n_labels, dtype=np.bool_)
        if averaged is not None:
            self._averaged &= np.asarray(averaged, dtype=np.bool_)
        self._positive, self._negative = positive.astype(float), negative.astype(float)
        self._scores = score
        self._answered = answers["macro_f1"].astype(float)
        self._correct = (positive & answers["macro_f1"]).astype(float)
        pieces = _row_pieces(positive, negative, answers, score)
        self._row_keys = tuple(pieces)
        self._above, self._below = (
            np.stack(part, axis=1) for part in zip(*pieces.values(), strict=True)
        )
        self._by_label = label_curves(positive, negative, score)
        self._together = label_curves(positive, negative, score, together=True)

    def measure(self, weights: ArrayLike | None = None) -> dict[str, Floats]:
        """Compute every metric.

        Parameters
        ----------
        weights : array of float, shape (n_images,) or (n_resamples, n_images), optional
            How often each image counts, as ``numpy.bincount`` of a resample gives it; once by
            default.

        Returns
        -------
        dict of str to array of float, shape () or (n_resamples,)
            The metrics of :data:`METRICS` in their order, then ``labels_averaged``; NaN where a
            metric has nothing to judge.
        """
        batch, shape = self._batch(weights)
        ratios = _ratio(batch @ self._above, batch @ self._below)
        values = dict(zip(self._row_keys, ratios.T, strict=True))
        values["micro_ap"] = self._together.areas(batch)[0][:, 0]
        per_label = self._per_label(batch)
        judged = ~np.isnan(per_label["ap"])
        count = judged.sum(axis=1).astype(float)
        for name, value in per_label.items():
            values[f"macro_{name}"] = _ratio(value.sum(axis=1, where=judged), count)
        values["labels_averaged"] = count
        if self._only_ranks:
            values |= {key: np.full(len(batch), np.nan) for key in ANSWER_METRICS}
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
            NaN for a label without a positive or without a negative image, and for one that is not
            averaged.

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
        """The true cells, of shape (n_images, n_labels)."""
        return self._positive > 0

    @property
    def negative(self) -> Bools:
        """The false cells, of shape (n_images, n_labels)."""
        return self._negative > 0

    @property
    def averaged(self) -> Bools:
        """The labels of the macro averages, of shape (n_labels,)."""
        return self._averaged

    def pieces(self) -> dict[str, tuple[Floats, float]]:
        """Return what each image adds to each metric that is a ratio of sums, and the lower sum.

        Returns
        -------
        dict of str to (array of float of shape (n_images,), float)
        """
        return {
            key: (self._above[:, column], float(self._below[:, column].sum()))
            for column, key in enumerate(self._row_keys)
            if not (self._only_ranks and key in ANSWER_METRICS)
        }

    def without_bias(self, units: ArrayLike | None = None) -> dict[str, float]:
        """Estimate ``macro_ap`` and ``micro_ap`` on very many images of the same source.

        Parameters
        ----------
        units : array, shape (n_images,), optional
            Rows that belong together.

        Returns
        -------
        dict of str to float
            See :func:`leave_one_out_ap`.
        """
        positive, negative = self.positive, self.negative
        rows, _ = np.nonzero(positive | negative)
        seen = positive | negative
        cell_units = rows if units is None else np.asarray(units)[rows]
        return {
            "macro_ap": leave_one_out_macro_ap(
                positive, negative, self._scores, self._averaged, units
            ),
            "micro_ap": leave_one_out_ap(
                positive[seen], negative[seen], self._scores[seen], cell_units
            ),
        }

    def _batch(self, weights: ArrayLike | None) -> tuple[Floats, tuple[int, ...]]:
        given = np.ones(self.n_images) if weights is None else np.asarray(weights, dtype=float)
        if given.ndim not in (1, 2) or given.shape[-1] != self.n_images:
            raise ValueError(f"weights {given.shape} must end in the {self.n_images} images")
        return np.atleast_2d(given), given.shape[:-1]

    def _per_label(self, weights: Floats) -> dict[str, Floats]:
        positives, negatives = weights @ self._positive, weights @ self._negative
        ap, auroc = self._by_label.areas(weights)
        f1 = _ratio(2 * (weights @ self._correct), positives + weights @ self._answered)
        if self._only_ranks:
            f1 = np.full_like(f1, np.nan)
        judged = (positives > 0) & (negatives > 0) & self._averaged
        return {
            name: np.where(judged, value, np.nan)
            for name, value in (("ap", ap), ("auroc", auroc), ("f1", f1))
        }


def _answers(predictions: ArrayLike | Mapping[str, ArrayLike], seen: Bools) -> dict[str, Bools]:
    """Give the answers that each metric judges, without those of which the truth is not known."""
    given = (
        predictions
        if isinstance(predictions, Mapping)
        else dict.fromkeys(ANSWER_METRICS, predictions)
    )
    return {
        key: check_binary("predictions", given[key], seen.shape) & seen for key in ANSWER_METRICS
    }


def _row_pieces(
    positive: Bools,
    negative: Bools,
    answers: Mapping[str, Bools],
    scores: Floats,
) -> dict[str, tuple[Floats, Floats]]:
    """Give each metric that is a ratio of sums over images: what an image adds above and below."""
    true, seen = positive.sum(axis=1).astype(float), (positive | negative).sum(axis=1).astype(float)
    has_label, is_seen = (true > 0).astype(float), (seen > 0).astype(float)

    def overlap(key: str) -> tuple[Floats, Floats]:
        """Labels both true and answered, and the sum of the sizes of the two sets."""
        both = (positive & answers[key]).sum(axis=1).astype(float)
        return both, true + answers[key].sum(axis=1)

    def wrong(key: str) -> Floats:
        both, sizes = overlap(key)
        return sizes - 2 * both

    both, sizes = overlap("sample_f1")
    shared, together = overlap("jaccard")
    micro, of_all = overlap("micro_f1")
    ranked = rank_images(positive, negative, scores)
    return {key: (piece, has_label) for key, piece in ranked.items()} | {
        "hamming_loss": (wrong("hamming_loss"), seen),
        "subset_accuracy": ((wrong("subset_accuracy") == 0) * is_seen, is_seen),
        "micro_f1": (2 * micro, of_all),
        "sample_f1": (_ratio(2 * both, sizes, empty=1.0) * is_seen, is_seen),
        "jaccard": (_ratio(shared, together - shared, empty=1.0) * is_seen, is_seen),
    }


def _ratio(part: Floats, whole: Floats, empty: float = np.nan) -> Floats:
    return np.divide(part, whole, out=np.full_like(whole, empty), where=whole > 0)
