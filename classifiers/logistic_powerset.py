"""Every combination of labels that was seen is a class of one multinomial logistic regression."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from ._linear_scores import linear_scores
from ._minimise import minimise, warn_unless_converged
from ._parameters import check_count, check_positive
from ._shared_basis import SharedBasis
from ._softmax_problem import SoftmaxProblem
from ._targets import Floats
from .label_powerset import LabelPowerset


class LogisticPowerset(LabelPowerset):
    """One L2-penalised multinomial logistic regression over the label sets seen in training.

    The model is that of `LabelPowerset(LogisticRegression(C))`, found some ten times faster where
    there are hundreds of sets, by one factorisation of the features.

    Parameters
    ----------
    C : float, default=1.0
        Weight of the data against the penalty.
    tol : float, default=1e-7
        Solved when less than this share of the objective is expected to be lost yet.
    max_iter : int, default=1000

    Attributes
    ----------
    coef_ : ndarray of shape (n_sets, n_features)
    intercept_ : ndarray of shape (n_sets,)
    label_sets_ : ndarray of shape (n_sets, n_varying_labels)
        The label sets seen, row by class number.
    n_iter_ : int

    See Also
    --------
    LabelPowerset : The same with any multi-class estimator.

    Examples
    --------
    >>> from catnocat.classifiers import LogisticPowerset
    >>> from sklearn.datasets import make_multilabel_classification
    >>> X, Y = make_multilabel_classification(600, random_state=0)
    >>> model = LogisticPowerset(C=0.01).fit(X[:400], Y[:400])
    >>> f"subset accuracy {model.score(X[400:], Y[400:]):.2f}"
    'subset accuracy 0.39'
    """

    def __init__(self, C: float = 1.0, tol: float = 1e-7, max_iter: int = 1000) -> None:
        self.C = C
        self.tol = tol
        self.max_iter = max_iter

    def _row_reader(self) -> Any:
        return None

    def _fit_sets(self, X: Floats, numbers: NDArray[np.intp], weights: Floats | None) -> None:
        check_positive("C", self.C)
        check_positive("tol", self.tol)
        check_count("max_iter", self.max_iter)
        weight = (np.ones(len(X)) if weights is None else weights).astype(X.dtype)
        problem = SoftmaxProblem(SharedBasis(X, weights), numbers, self.C, weight)
        P, n_iter = minimise(problem, problem.start(), self.tol, self.max_iter)
        self.coef_, self.intercept_ = problem.basis.coefficients(P)
        self.n_iter_ = warn_unless_converged(n_iter, self.max_iter)

    def _set_probabilities(self, X: Floats) -> Floats:
        chances: Floats = softmax(linear_scores(X, self.coef_, self.intercept_), axis=1)
        return chances
