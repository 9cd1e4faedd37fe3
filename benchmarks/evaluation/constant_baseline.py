"""Constant baseline: the same prediction for all images, chosen on the training images."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..data.tables import LabelTable
from ..utils import ElapsedTime, measure_time
from .cross_validation import MethodResult, scored_rows
from .methods import CONSTANT
from .splits import Fold

Array = NDArray[Any]


@dataclass(frozen=True)
class ConstantPredictions:
    """Best constant predictions on a set of training images.

    Attributes
    ----------
    prevalence : array of shape (n_labels,)
        Share of positive images among the training images whose label is known.
    predictions : dict of str to array of shape (n_labels,)
        0 or 1; ``"hamming"``: the majority class of each label; ``"set"``: the most frequent label
        set; ``"f1"``: all labels, which is best for macro F1; and the best constant predictions for
        ``"micro_f1"``, ``"sample_f1"`` and ``"jaccard"``.
    """

    prevalence: Array
    predictions: dict[str, Array]


def constant_baseline(table: LabelTable, folds: Sequence[Fold]) -> MethodResult:
    """Predict for every test image the best constant of the training images.

    The score of a label is the same for all images, its prevalence in training (the mean over the
    folds). Its average precision is therefore its prevalence among the test images, the chance
    level.

    Parameters
    ----------
    table : LabelTable
    folds : sequence of Fold

    Returns
    -------
    MethodResult
        Its ``chosen`` contains the most frequent label set of each fold as ``"label_set"``.
    """
    method_result = MethodResult(CONSTANT, scored_rows(folds))
    with measure_time() as elapsed:
        constants, predictions = [], []
        for fold in folds:
            constant = fit_constant(table.Y[fold.train], table.known[fold.train])
            shape = (len(fold.test), table.n_labels)
            predictions.append(
                {key: np.broadcast_to(row, shape) for key, row in constant.predictions.items()}
            )
            label_set = np.flatnonzero(constant.predictions["set"])
            method_result.chosen.append({"label_set": [table.labels[j] for j in label_set]})
            constants.append(constant)
        prevalence = np.mean([constant.prevalence for constant in constants], axis=0)
        method_result.scores = np.broadcast_to(
            prevalence, (len(method_result.rows), table.n_labels)
        ).copy()
        method_result.predictions_by_aim = {
            key: np.concatenate([part[key] for part in predictions]) for key in predictions[0]
        }
    method_result.add_time(ElapsedTime(), elapsed, ElapsedTime())
    return method_result


def fit_constant(Y: Array, known: Array) -> ConstantPredictions:
    """Find the best constant prediction for each kind of metric.

    The candidates for micro F1, sample F1 and Jaccard are the k most frequent labels, for every k.

    Parameters
    ----------
    Y : array of shape (n_images, n_labels)
    known : array of bool of shape (n_images, n_labels)

    Examples
    --------
    >>> Y = np.array([[1, 0], [1, 0], [1, 1], [0, 0], [1, 0]])
    >>> constant = fit_constant(Y, np.ones_like(Y, dtype=bool))
    >>> constant.prevalence.tolist(), constant.predictions["set"].tolist()
    ([0.8, 0.2], [1, 0])
    >>> constant.predictions["f1"].tolist(), constant.predictions["micro_f1"].tolist()
    ([1, 1], [1, 0])
    """
    positive = (Y > 0) & known
    n_known, n_positive = known.sum(axis=0), positive.sum(axis=0)
    prevalence = n_positive / np.maximum(n_known, 1)
    majority = (prevalence > 0.5).astype(np.uint8)
    top_k_scores = _top_k_scores(positive, known, prevalence)
    return ConstantPredictions(
        prevalence,
        {
            "hamming": majority,
            "set": _most_frequent_set(positive, known, majority),
            "f1": np.ones_like(majority),
            **{key: _top_k(prevalence, int(np.argmax(scores))) for key, scores in top_k_scores},
        },
    )


def _most_frequent_set(positive: Array, known: Array, majority: Array) -> Array:
    """Return the most frequent set of the fully known images; without any, the majority classes."""
    complete = positive[known.all(axis=1)].astype(np.uint8)
    if not len(complete):
        return majority
    sets, counts = np.unique(complete, axis=0, return_counts=True)
    most_frequent: Array = sets[np.argmax(counts)]
    return most_frequent


def _top_k_scores(positive: Array, known: Array, prevalence: Array) -> list[tuple[str, Array]]:
    """Return micro F1, sample F1 and Jaccard of predicting the k most frequent labels, k = 0 ..."""
    n_images, n_labels = positive.shape
    n_true, n_correct, n_predicted = (
        positive.sum(axis=1),
        np.zeros(n_images),
        np.zeros(n_images),
    )
    scores = np.zeros((3, n_labels + 1))
    for k, label in enumerate([None, *_by_prevalence(prevalence)]):
        if label is not None:
            n_correct += positive[:, label]
            n_predicted += known[:, label]
        sizes, union = n_true + n_predicted, n_true + n_predicted - n_correct
        scores[:, k] = (
            2 * n_correct.sum() / max(sizes.sum(), 1),
            np.divide(2 * n_correct, sizes, out=np.ones(n_images), where=sizes > 0).mean(),
            np.divide(n_correct, union, out=np.ones(n_images), where=union > 0).mean(),
        )
    return list(zip(("micro_f1", "sample_f1", "jaccard"), scores, strict=True))


def _top_k(prevalence: Array, k: int) -> Array:
    prediction = np.zeros(len(prevalence), dtype=np.uint8)
    prediction[_by_prevalence(prevalence)[:k]] = 1
    return prediction


def _by_prevalence(prevalence: Array) -> Array:
    return np.argsort(-prevalence, kind="stable")
