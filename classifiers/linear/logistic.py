"""Binary relevance with logistic regressions, fitted for all labels together."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from .._base import (
    ClassWeight,
    Floats,
    MissingLabelsClassifier,
    TrainingSet,
    check_count,
    check_positive,
    linear_scores,
    penalties,
)
from .._solvers import LinearProblem, LogLoss, linear_problem, minimize_lbfgs, warn_unless_converged


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
