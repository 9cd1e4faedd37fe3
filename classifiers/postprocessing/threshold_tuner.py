"""Tuning of decision thresholds per label, and of cuts per image."""

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._base import (
    Floats,
    GroupedMissingLabelsClassifier,
    Mask,
    TrainingSet,
    check_choice,
    check_number,
)
from .._meta import OutOfFoldPredictions, fit_inner, label_probabilities, predict_held_out
from ..linear import LogisticBinaryRelevance
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
    """Select the threshold of one label on out-of-fold probabilities.

    Parameters
    ----------
    p : array-like of shape (n_images,)
        Out-of-fold probabilities.
    y : array-like of shape (n_images,)
        1 where the label is present, at least once, and 0 elsewhere.
    sample_weight : array-like of shape (n_images,), default=None
    aim : {"f1", "hamming", "pcut"}
        Maximise F1, minimise the number of errors, or predict the label as often as it occurs. Of
        equal thresholds, the highest is selected.
    least_f1 : float, default=0.0
        For ``"f1"``: if the best F1 is below this, the threshold is the highest probability, so
        that the label is predicted only above all of these.

    Returns
    -------
    float
        The label is predicted where its probability is greater.

    See Also
    --------
    ThresholdTuner : Computes the out-of-fold probabilities as well.

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
    thresholds, predicted, correct = _cuts(p, y, weight)
    positive = weight @ y
    if aim == "pcut":
        return float(thresholds[np.abs(predicted - positive).argmin()])
    if aim == "hamming":
        return float(thresholds[(predicted - 2 * correct).argmin()])  # errors, up to a constant
    f1 = 2 * correct / (predicted + positive)
    return float(thresholds[f1.argmax()] if f1.max() >= least_f1 else p.max())


def _cuts(p: Floats, y: Floats, weight: Floats) -> tuple[Floats, Floats, Floats]:
    """Compute all distinct thresholds, highest first, and their counts.

    Returns
    -------
    thresholds : ndarray of shape (n_cuts,)
        The highest probability, then midpoints between consecutive probabilities.
    predicted, correct : ndarray of shape (n_cuts,)
        Weight of the rows above the threshold, and of the positive rows among them.
    """
    order = np.argsort(-p, kind="stable")
    p = p[order].astype(np.float64)
    last = np.append(p[1:] < p[:-1], True)  # last of equal probabilities
    predicted, correct = (np.cumsum(part[order])[last] for part in (weight, weight * y))
    distinct = p[last]
    below = np.append(distinct[1:], -1e-9)  # so that probability 0 can be predicted
    thresholds = np.append(distinct[0], (distinct + below) / 2)
    return thresholds, np.append(0.0, predicted), np.append(0.0, correct)


STRATEGIES = (*AIMS, "rcut", "mcut")
DEFAULT_THRESHOLD = 0.5


class ThresholdTuner(GroupedMissingLabelsClassifier):
    """Tune the decision rule of `predict` on out-of-fold predictions.

    `predict_proba` is that of the estimator fitted to all rows. The strategies of `predict` are:

    - ``"f1"`` (SCut): the threshold per label that maximises F1. With `fbr`, a label whose F1 is
      below it is predicted only above all out-of-fold probabilities (SCutFBR.1).
    - ``"hamming"``: the threshold per label that minimises the number of errors.
    - ``"pcut"``: the threshold per label that predicts it as often as it occurs.
    - ``"rcut"``: the k most probable labels per image, with k maximising micro F1.
    - ``"mcut"``: the labels above the widest gap between the sorted probabilities of an image, at
      least one; nothing is tuned.

    The threshold of a label is 0.5 if it is constant in the training or test rows of every fold. It
    is also 0.5 for a single label with "rcut" or "mcut". Labels that are constant in training are
    ignored. Thresholds are tuned on the images for which a label is known.

    Parameters
    ----------
    estimator : estimator, default=None
        A multi-label classifier with `predict_proba`; None is `LogisticBinaryRelevance()`. If
        its `fit` accepts no `known`, it is fitted to the labels as given.
    strategy : {"f1", "hamming", "pcut", "rcut", "mcut"}, default="f1"
    fbr : float, default=0.0
        Minimum F1 for ``"f1"``, see above.
    cv : int, splitter or iterable of (train, test) rows, default=5
        An integer is a number of seeded stratified folds.
    n_jobs : int, default=None
        Number of folds fitted in parallel, as in joblib.

    Attributes
    ----------
    estimator_ : estimator
        The estimator, fitted to all rows.
    thresholds_ : ndarray of shape (n_varying_labels,)
        A label is predicted where its probability is greater. Not used by "rcut" and "mcut",
        unless there is one label.
    tuned_ : ndarray of bool of shape (n_varying_labels,)
        False for labels with the default threshold.
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

    @classmethod
    def _unit_test_params(cls) -> dict[str, dict[str, Any]]:
        return {
            "thresholds": {"estimator": LogisticBinaryRelevance(tol=1e-15)},
            "proportional cut": {
                "estimator": LogisticBinaryRelevance(tol=1e-15),
                "strategy": "pcut",
                "cv": 3,
            },
            "rank cut": {
                "estimator": LogisticBinaryRelevance(tol=1e-15),
                "strategy": "rcut",
                "cv": 3,
            },
            "gap cut": {"estimator": LogisticBinaryRelevance(tol=1e-15), "strategy": "mcut"},
        }

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
            self.tuned_ = held_out.scorable
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
    """Return the rank of each label in its image, 0 for the most probable; ties by column."""
    order = np.argsort(-P, axis=1, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(P.shape[1])[None, :], axis=1)
    return ranks


def _best_rank(held_out: OutOfFoldPredictions) -> int:
    ranks, n_labels = _ranks(held_out.P).ravel(), held_out.P.shape[1]
    positive = held_out.weight * held_out.Y
    predicted = np.bincount(ranks, held_out.weight.ravel(), n_labels).cumsum()
    correct = np.bincount(ranks, positive.ravel(), n_labels).cumsum()
    return int(np.argmax(correct / (predicted + positive.sum()))) + 1


def _above_widest_gap(P: Floats) -> Mask:
    falling = -np.sort(-P, axis=1)
    place = np.argmax(falling[:, :-1] - falling[:, 1:], axis=1)[:, None]
    least = np.take_along_axis(falling, place, axis=1)
    return least <= P
