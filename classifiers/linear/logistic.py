"""Repeated cat/no-cat with logistic regression, all labels solved together."""

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from .._base import (
    ClassWeight,
    Floats,
    PartlyKnownClassifier,
    TrainingSet,
    check_count,
    check_positive,
    linear_scores,
    penalties,
)
from .._solvers import LinearProblem, LogLoss, linear_problem, minimise, warn_unless_converged


class LogisticBinaryRelevance(PartlyKnownClassifier):
    """One L2-penalised logistic regression per label, solved in one go.

    The models are those of `BinaryRelevance(LogisticRegression(C))`, but every iteration is two
    matrix products for all labels, and few are needed: the directions in which features vary most
    are found once, and along them each label's curvature is known.

    Parameters
    ----------
    C : float or array-like of shape (n_labels,), default=1.0
        Weight of the data against the penalty; one for all or one per label.
    class_weight : "balanced" or dict, default=None
        Weights of absent and present, `{0: w, 1: w}`; "balanced": so that both weigh alike in every
        label.
    tol : float, default=1e-8
        A label is solved when it is expected to lose less than this share of its objective yet.
    max_iter : int, default=1000

    Attributes
    ----------
    coef_ : ndarray of shape (n_varying_labels, n_features)
    intercept_ : ndarray of shape (n_varying_labels,)
    n_iter_ : int
        Iterations of the label that took the most.

    See Also
    --------
    LogisticBinaryRelevanceCV : Chooses C on folds.
    BinaryRelevance : The same with any estimator.

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

    def _check_parameters(self) -> None:
        check_positive("tol", self.tol)
        check_count("max_iter", self.max_iter)

    def _fit_labels(self, training: TrainingSet) -> None:
        ones = np.ones(training.Y.shape[1])
        problem = linear_problem(training, LogLoss(), ones, self.class_weight)
        problem = replace(problem, C=self._penalties(problem, training).astype(problem.C.dtype))
        P, n_iter = minimise(problem, problem.start(), self.tol, self.max_iter)
        self.coef_, self.intercept_ = problem.rows.coefficients(P)
        self.n_iter_ = warn_unless_converged(n_iter, self.max_iter)

    def _penalties(self, problem: LinearProblem, training: TrainingSet) -> Floats:
        """Give the C of each label that varies."""
        return penalties(self.C, self.label_varies_)

    def _label_probabilities(self, X: Floats) -> Floats:
        probabilities: Floats = expit(linear_scores(X, self.coef_, self.intercept_))
        return probabilities
