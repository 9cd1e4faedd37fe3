"""Where probabilities become answers: thresholds for each label, or a cut for each image."""

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._base import (
    Floats,
    GroupedPartlyKnownClassifier,
    Mask,
    TrainingSet,
    check_choice,
    check_number,
)
from .._meta import HeldOut, fit_inner, label_probabilities, predict_held_out
from ..model_selection import CrossValidation

AIMS = ("f1", "hamming", "pcut")


def best_threshold(
    p: ArrayLike,
    y: ArrayLike,
    sample_weight: ArrayLike | None = None,
    *,
    aim: str = "f1",
    least_f1: float = 0.0,
) -> float:
    """Choose the threshold of one label on probabilities of images that were held out.

    Parameters
    ----------
    p : array-like of shape (n_images,)
        Probabilities by models that did not see the image.
    y : array-like of shape (n_images,)
        1 where the label is there, at least once, and 0 elsewhere.
    sample_weight : array-like of shape (n_images,), default=None
    aim : {"f1", "hamming", "pcut"}
        The highest F1, the fewest wrong answers, or as many a yes as the label has images. Of equal
        thresholds the highest.
    least_f1 : float, default=0.0
        For ``"f1"``: where it stays below this, the highest probability, so that a yes is said only
        of images that score above all of these.

    Returns
    -------
    float
        More is a yes.

    See Also
    --------
    ThresholdTuner : Holds the images out as well.

    Examples
    --------
    >>> from catnocat.classifiers import best_threshold
    >>> best_threshold([0.1, 0.2, 0.3, 0.4], [0, 1, 0, 1], aim="f1")
    0.15000000000000002
    >>> best_threshold([0.1, 0.2, 0.3, 0.4], [0, 1, 0, 1], aim="hamming")
    0.35
    """
    check_choice("aim", aim, AIMS)
    p, y = np.asarray(p), np.asarray(y, dtype=np.float64)
    weight = np.ones(len(p)) if sample_weight is None else np.asarray(sample_weight)
    thresholds, yes, right = _cuts(p, y, weight)
    there = weight @ y
    if aim == "pcut":
        return float(thresholds[np.abs(yes - there).argmin()])
    if aim == "hamming":
        return float(thresholds[(yes - 2 * right).argmin()])  # wrong: yes - right, there - right
    f1 = 2 * right / (yes + there)
    return float(thresholds[f1.argmax()] if f1.max() >= least_f1 else p.max())


def _cuts(p: Floats, y: Floats, weight: Floats) -> tuple[Floats, Floats, Floats]:
    """Give every threshold that makes a difference, highest first.

    Returns
    -------
    thresholds : ndarray of shape (n_cuts,)
        The highest probability, then half-way between two.
    yes, right : ndarray of shape (n_cuts,)
        Weight of the rows above it, and of those among them that show the label.
    """
    order = np.argsort(-p, kind="stable")
    p = p[order].astype(np.float64)
    last = np.append(p[1:] < p[:-1], True)  # of equal probabilities
    yes, right = (np.cumsum(part[order])[last] for part in (weight, weight * y))
    distinct = p[last]
    below = np.append(distinct[1:], -1e-9)  # so that even a 0 may be a yes
    thresholds = np.append(distinct[0], (distinct + below) / 2)
    return thresholds, np.append(0.0, yes), np.append(0.0, right)


STRATEGIES = (*AIMS, "rcut", "mcut")
DEFAULT_THRESHOLD = 0.5


class ThresholdTuner(GroupedPartlyKnownClassifier):
    """Choose on held-out predictions which probabilities are a yes.

    `predict_proba` is that of the estimator fitted to all rows; only `predict` differs:

    - ``"f1"`` (SCut): each label gets the threshold with the highest F1. With `fbr`, a label whose
      F1 stays below it is said only of images that score above all held-out ones (SCutFBR.1).
    - ``"hamming"``: each label gets the threshold with the fewest wrong answers.
    - ``"pcut"``: each label gets the threshold that says yes as often as the label is there.
    - ``"rcut"``: each image gets its k most probable labels, with the k of the highest micro F1.
    - ``"mcut"``: each image is cut at the widest gap between its sorted probabilities; so none is
      left empty, and nothing is learned.

    A label that no fold can judge, because the models or the held-out rows saw only one kind of it,
    keeps the threshold 0.5; so does a single label under the two cuts by image. Labels that are
    constant in training take no part. Thresholds are judged where a label is known.

    Parameters
    ----------
    estimator : estimator, default=None
        A multi-label classifier with `predict_proba`; None is `LogisticBinaryRelevance()`. One
        whose `fit` takes no `known` learns from the labels as given.
    strategy : {"f1", "hamming", "pcut", "rcut", "mcut"}, default="f1"
    fbr : float, default=0.0
        For ``"f1"`` only: the least F1 that is believed.
    cv : int, splitter or iterable of (train, test) rows, default=5
        A number means seeded stratified folds.
    n_jobs : int, default=None
        Folds fitted at once, as joblib counts.

    Attributes
    ----------
    estimator_ : estimator
        Fitted to all rows.
    thresholds_ : ndarray of shape (n_varying_labels,)
        More is a yes. Not used by the cuts by image, unless there is one label.
    tuned_ : ndarray of bool of shape (n_varying_labels,)
        False for labels that kept 0.5.
    n_labels_per_image_ : int
        The k of ``"rcut"``.

    References
    ----------
    Yang, Y. (2001). A study of thresholding strategies for text categorization. SIGIR 2001.
    Fan, R.-E., Lin, C.-J. (2007). A study on threshold selection for multi-label classification.
    National Taiwan University: SCutFBR. Pillai, I., Fumera, G., Roli, F. (2013). Threshold
    optimisation for multi-label classifiers. Pattern Recognition 46(7). Largeron, C., Moulin, C.,
    Géry, M. (2012). MCut: a thresholding strategy for multi-label classification. IDA 2012.

    Examples
    --------
    >>> from catnocat.classifiers import LogisticBinaryRelevance, ThresholdTuner
    >>> from sklearn.datasets import make_multilabel_classification
    >>> from sklearn.metrics import f1_score
    >>> X, Y = make_multilabel_classification(600, n_classes=20, random_state=0)
    >>> for model in (LogisticBinaryRelevance(), ThresholdTuner()):
    ...     D = model.fit(X[:400], Y[:400]).predict(X[400:])
    ...     print(f"{f1_score(Y[400:], D, average='macro', zero_division=0):.2f}")
    0.29
    0.34
    """

    def __init__(
        self,
        estimator: Any = None,
        strategy: Literal["f1", "hamming", "pcut", "rcut", "mcut"] = "f1",
        fbr: float = 0.0,
        cv: CrossValidation = 5,
        n_jobs: int | None = None,
    ) -> None:
        self.estimator = estimator
        self.strategy = strategy
        self.fbr = fbr
        self.cv = cv
        self.n_jobs = n_jobs

    def _check_parameters(self) -> None:
        check_choice("strategy", self.strategy, STRATEGIES)
        check_number("fbr", self.fbr, at_least=0, up_to=1)

    def _row_reader(self) -> Any:
        return self.estimator

    def _fit_labels(self, training: TrainingSet) -> None:
        n_labels = training.Y.shape[1]
        self.thresholds_ = np.full(n_labels, DEFAULT_THRESHOLD)
        self.tuned_ = np.zeros(n_labels, dtype=bool)
        if self.strategy in AIMS:
            held_out = predict_held_out(self.estimator, training, self.cv, self.n_jobs)
            self.tuned_ = held_out.judged
            for label in np.flatnonzero(self.tuned_):
                self.thresholds_[label] = best_threshold(
                    *held_out.of(int(label)), aim=self.strategy, least_f1=self.fbr
                )
        elif self.strategy == "rcut" and n_labels > 1:
            held_out = predict_held_out(self.estimator, training, self.cv, self.n_jobs)
            self.n_labels_per_image_ = _best_rank(held_out)
        self.estimator_ = fit_inner(self.estimator, training)

    def _label_probabilities(self, X: Floats) -> Floats:
        return label_probabilities(self.estimator_, X, len(self.thresholds_))

    def _label_decisions(self, X: Floats) -> NDArray[Any]:
        P = self._label_probabilities(X)
        if self.strategy == "rcut" and P.shape[1] > 1:
            return _ranks(P) < self.n_labels_per_image_
        if self.strategy == "mcut" and P.shape[1] > 1:
            return _above_widest_gap(P)
        decisions: Mask = self.thresholds_ < P
        return decisions


def _ranks(P: Floats) -> NDArray[np.intp]:
    """Give each label's place in its image, 0 for the most probable; of equals the first leads."""
    order = np.argsort(-P, axis=1, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(P.shape[1])[None, :], axis=1)
    return ranks


def _best_rank(held_out: HeldOut) -> int:
    ranks, n_labels = _ranks(held_out.P).ravel(), held_out.P.shape[1]
    there = held_out.weight * held_out.Y
    yes = np.bincount(ranks, held_out.weight.ravel(), n_labels).cumsum()
    right = np.bincount(ranks, there.ravel(), n_labels).cumsum()
    return int(np.argmax(right / (yes + there.sum()))) + 1


def _above_widest_gap(P: Floats) -> Mask:
    falling = -np.sort(-P, axis=1)
    place = np.argmax(falling[:, :-1] - falling[:, 1:], axis=1)[:, None]
    least = np.take_along_axis(falling, place, axis=1)
    return least <= P
