"""Constant baseline: one answer for all images, chosen on the training images."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from ...utils import InputError
from .method import Method

Array = NDArray[Any]


def _cannot_be_fitted(seed: int) -> BaseEstimator:
    raise InputError("the constant baseline is part of every comparison; it is not a model")


CONSTANT = Method(
    "constant",
    "baseline",
    _cannot_be_fitted,
    "the same answer for every image: the best one that does not look at it",
    "none",
)
"""The method entry of the constant baseline; it is no rival and no reference."""


@dataclass(frozen=True)
class ConstantPredictions:
    """The best constant answers on a set of training images.

    Attributes
    ----------
    prevalence : array of shape (n_labels,)
        Share of the known training images that carry each label.
    predictions : dict of str to array of shape (n_labels,)
        0 or 1; ``"hamming"``: the majority answer per label; ``"set"``: the most frequent label
        set; ``"f1"``: every label, the best constant answer for macro F1; and the best constant
        answers for ``"micro_f1"``, ``"sample_f1"`` and ``"jaccard"``.
    """

    prevalence: Array
    predictions: dict[str, Array]


def fit_constant(Y: Array, known: Array) -> ConstantPredictions:
    """Find the best constant answer for each kind of metric.

    For micro F1, sample F1 and Jaccard the candidates are the k most frequent labels, for every k.

    Parameters
    ----------
    Y : array of shape (n_images, n_labels)
    known : array of bool of shape (n_images, n_labels)

    Examples
    --------
    >>> Y = np.array([[1, 0], [1, 0], [1, 1], [0, 0], [1, 0]])
    >>> found = fit_constant(Y, np.ones_like(Y, dtype=bool))
    >>> found.prevalence.tolist(), found.predictions["set"].tolist()
    ([0.8, 0.2], [1, 0])
    >>> found.predictions["f1"].tolist(), found.predictions["micro_f1"].tolist()
    ([1, 1], [1, 0])
    """
    positive = (Y > 0) & known
    n_known, n_positive = known.sum(axis=0), positive.sum(axis=0)
    prevalence = n_positive / np.maximum(n_known, 1)
    majority = (prevalence > 0.5).astype(np.uint8)
    candidates = _top_k_scores(positive, known, prevalence)
    return ConstantPredictions(
        prevalence,
        {
            "hamming": majority,
            "set": _most_frequent_set(positive, known, majority),
            "f1": np.ones_like(majority),
            **{key: _top_k(prevalence, int(np.argmax(scores))) for key, scores in candidates},
        },
    )


def _most_frequent_set(positive: Array, known: Array, majority: Array) -> Array:
    """Return the most frequent set among fully known images; the majority answers if none is."""
    complete = positive[known.all(axis=1)].astype(np.uint8)
    if not len(complete):
        return majority
    sets, counts = np.unique(complete, axis=0, return_counts=True)
    most_frequent: Array = sets[np.argmax(counts)]
    return most_frequent


def _top_k_scores(positive: Array, known: Array, prevalence: Array) -> list[tuple[str, Array]]:
    """Return micro F1, sample F1 and Jaccard of answering the k most frequent labels, k = 0 ..."""
    n_images, n_labels = positive.shape
    true, overlap, answered = positive.sum(axis=1), np.zeros(n_images), np.zeros(n_images)
    scores = np.zeros((3, n_labels + 1))
    for k, label in enumerate([None, *_by_prevalence(prevalence)]):
        if label is not None:
            overlap += positive[:, label]
            answered += known[:, label]
        size, union = true + answered, true + answered - overlap
        scores[:, k] = (
            2 * overlap.sum() / max(size.sum(), 1),
            np.divide(2 * overlap, size, out=np.ones(n_images), where=size > 0).mean(),
            np.divide(overlap, union, out=np.ones(n_images), where=union > 0).mean(),
        )
    return list(zip(("micro_f1", "sample_f1", "jaccard"), scores, strict=True))


def _top_k(prevalence: Array, k: int) -> Array:
    answer = np.zeros(len(prevalence), dtype=np.uint8)
    answer[_by_prevalence(prevalence)[:k]] = 1
    return answer


def _by_prevalence(prevalence: Array) -> Array:
    return np.argsort(-prevalence, kind="stable")
