"""Binary relevance with logistic regressions whose penalty is selected by cross-validation."""

from collections.abc import Iterable
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit
from sklearn.metrics import average_precision_score, log_loss

from .._base import (
    ClassWeight,
    Floats,
    GroupedMissingLabelsClassifier,
    Labels,
    Mask,
    TrainingSet,
    check_choice,
    check_flag,
    read_positives,
)
from .._solvers import LinearProblem, held_out_predictors
from ..model_selection import seeded_folds
from .logistic import LogisticBinaryRelevance

CHOICE_TOL = 1e-5  # sufficient to compare penalties


class LogisticBinaryRelevanceCV(GroupedMissingLabelsClassifier, LogisticBinaryRelevance):
    """L2-penalised logistic regressions, one per label, with C selected by cross-validation.

    All folds of all labels are fitted together, with warm starts along the path of C. Each C is
    scored per label on the pooled out-of-fold predictions.

    Parameters
    ----------
    Cs : array-like of float, default=(1e-4, 1e-3, 1e-2, 1e-1, 1)
    cv : int, splitter or iterable of (train, test) indices, default=5
        An integer is a number of seeded stratified folds.
    scoring : {"average_precision", "log_loss"}, default="average_precision"
    per_label : bool, default=False
        Select C for each label instead of one for all.
    class_weight, tol, max_iter
        As for `LogisticBinaryRelevance`.

    Attributes
    ----------
    C_ : float, or ndarray of shape (n_varying_labels,) if per label
    scores_ : ndarray of shape (n_Cs, n_varying_labels)
        Out-of-fold scores; higher is better.
    coef_, intercept_, n_iter_
        As for `LogisticBinaryRelevance`, fitted to all rows with the selected C.

    Examples
    --------
    >>> from catnocat.classifiers import LogisticBinaryRelevanceCV
    >>> from sklearn.datasets import make_multilabel_classification
    >>> from sklearn.metrics import label_ranking_average_precision_score
    >>> X, Y = make_multilabel_classification(600, random_state=0)
    >>> model = LogisticBinaryRelevanceCV().fit(X[:400], Y[:400])
    >>> P = model.predict_proba(X[400:])
    >>> f"C {model.C_:g}: {label_ranking_average_precision_score(Y[400:], P):.2f}"
    'C 0.1: 0.95'
    """

    def __init__(
        self,
        Cs: ArrayLike = (1e-4, 1e-3, 1e-2, 1e-1, 1),
        cv: int | Iterable[tuple[Any, Any]] = 5,
        scoring: Literal["average_precision", "log_loss"] = "average_precision",
        per_label: bool = False,
        class_weight: ClassWeight = None,
        tol: float = 1e-8,
        max_iter: int = 1000,
    ) -> None:
        self.Cs = Cs
        self.cv = cv
        self.scoring = scoring
        self.per_label = per_label
        self.class_weight = class_weight
        self.tol = tol
        self.max_iter = max_iter

    @classmethod
    def _unit_test_params(cls) -> dict[str, dict[str, Any]]:
        return {
            "logistic, C selected": {"tol": 1e-15},
        }

    def _penalties(self, problem: LinearProblem, training: TrainingSet) -> Floats:
        check_choice("scoring", self.scoring, ("average_precision", "log_loss"))
        check_flag("per_label", self.per_label)
        Cs = np.sort(read_positives("Cs", self.Cs).ravel())
        Y = (problem.sign > 0).astype(np.uint8)
        folds = seeded_folds(self.cv, Y, 0, training.groups)
        path, weight = held_out_predictors(problem, folds, list(Cs), CHOICE_TOL, self.max_iter)
        self.scores_ = np.array([_scores(Y, Z, weight, self.scoring) for Z in path])
        if self.per_label:
            self.C_ = Cs[self.scores_.argmax(axis=0)]
        else:
            self.C_ = Cs[self.scores_.mean(axis=1).argmax()]
        return np.broadcast_to(self.C_, Y.shape[1])


def _scores(Y: Labels, Z: Floats, weight: Floats, scoring: str) -> NDArray[np.float64]:
    scores = np.zeros(Y.shape[1])
    for label in range(Y.shape[1]):
        counted: Mask = weight[:, label] > 0
        y, z, w = Y[counted, label], Z[counted, label], weight[counted, label]
        if not y.any():
            continue  # nothing to rank: equal for every C
        if scoring == "average_precision":
            scores[label] = average_precision_score(y, z, sample_weight=w)
        else:
            probability = expit(z.astype(np.float64))
            scores[label] = -log_loss(y, probability, sample_weight=w, labels=[0, 1])
    return scores
