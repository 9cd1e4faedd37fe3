"""Binary relevance with logistic regressions, fitted for all labels together."""

from collections.abc import Iterable
from dataclasses import replace
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
    MissingLabelsClassifier,
    TrainingSet,
    check_choice,
    check_count,
    check_flag,
    check_positive,
    linear_scores,
    penalties,
    read_positives,
)
from .._solvers import (
    LinearProblem,
    LogLoss,
    held_out_predictors,
    linear_problem,
    minimize_lbfgs,
    warn_unless_converged,
)
from ..model_selection import seeded_folds


class LogisticBinaryRelevance(MissingLabelsClassifier):
    """L2-penalised logistic regressions, one per label, fitted for all labels together.

    The models are those of `BinaryRelevance(LogisticRegression(C))`, but each iteration takes two
    matrix products for all labels. Few iterations are needed, because a preconditioner uses the
    Hessian of each label along the leading principal directions of the features.

    Parameters
    ----------
    C : float or array-like of shape (n_labels,), default=1.0
        Inverse regularisation strength; one for all labels or one per label.
    class_weight : "balanced" or dict, default=None
        Weights of absent and present, `{0: w, 1: w}`; "balanced": equal total weight of both for
        each label.
    tol : float, default=1e-8
        A label has converged when the expected further decrease, relative to its objective, is
        below this.
    max_iter : int, default=1000

    Attributes
    ----------
    coef_ : ndarray of shape (n_varying_labels, n_features)
    intercept_ : ndarray of shape (n_varying_labels,)
    n_iter_ : int
        Largest number of iterations of any label.

    See Also
    --------
    LogisticBinaryRelevanceCV : Selects C by cross-validation.
    BinaryRelevance : Independent classifiers of any type.

    References
    ----------
    Nocedal, J., Wright, S. (2006). Numerical Optimization. Springer, chapter 7: L-BFGS.

    Examples
    --------
    >>> from catnocat.classifiers import LogisticBinaryRelevance
    >>> from sklearn.datasets import make_multilabel_classification
    >>> from sklearn.metrics import label_ranking_average_precision_score
    >>> X, Y = make_multilabel_classification(600, random_state=0)
    >>> model = LogisticBinaryRelevance(C=0.01).fit(X[:400], Y[:400])
    >>> P = model.predict_proba(X[400:])
    >>> f"{label_ranking_average_precision_score(Y[400:], P):.2f}"
    '0.94'
    """

    def __init__(
        self,
        C: float | ArrayLike = 1.0,
        class_weight: ClassWeight = None,
        tol: float = 1e-8,
        max_iter: int = 1000,
    ) -> None:
        self.C = C
        self.class_weight = class_weight
        self.tol = tol
        self.max_iter = max_iter

    @classmethod
    def _unit_test_params(cls) -> dict[str, dict[str, Any]]:
        return {
            "logistic": {"tol": 1e-15},
        }

    def _check_parameters(self) -> None:
        check_positive("tol", self.tol)
        check_count("max_iter", self.max_iter)

    def _fit_labels(self, training: TrainingSet) -> None:
        ones = np.ones(training.Y.shape[1])
        problem = linear_problem(training, LogLoss(), ones, self.class_weight)
        problem = replace(problem, C=self._penalties(problem, training).astype(problem.C.dtype))
        P, n_iter = minimize_lbfgs(problem, problem.start(), self.tol, self.max_iter)
        self.coef_, self.intercept_ = problem.rows.coefficients(P)
        self.n_iter_ = warn_unless_converged(n_iter, self.max_iter)

    def _penalties(self, problem: LinearProblem, training: TrainingSet) -> Floats:
        """Return the C of each label that varies."""
        return penalties(self.C, self.label_varies_)

    def _label_probabilities(self, X: Floats) -> Floats:
        probabilities: Floats = expit(linear_scores(X, self.coef_, self.intercept_))
        return probabilities


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
