"""Every combination of labels that was seen is a class of its own."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from .._base import (
    Floats,
    TrainingSet,
    WeightedClassifier,
    check_count,
    check_positive,
    fit_to_sets,
    linear_scores,
    unwrap,
)
from .._solvers import SharedBasis, SoftmaxProblem, minimise, warn_unless_converged


class LabelPowerset(WeightedClassifier):
    """One multi-class model over the label sets seen in training.

    `predict` gives the most probable label set, which aims at subset accuracy; `predict_proba`
    gives each label's marginal probability, the sum over the sets that hold it. The two may
    differ, and sets never seen are never predicted.

    Parameters
    ----------
    estimator : estimator, default=None
        A multi-class classifier with `predict_proba`; None is `LogisticRegression()`.

    Attributes
    ----------
    estimator_ : estimator
        Fitted to the label sets' numbers.
    label_sets_ : ndarray of shape (n_sets, n_varying_labels)
        The label sets seen, row by class number.

    See Also
    --------
    LogisticPowerset : The same with logistic regression, fast with hundreds of sets.
    ClassifierChain : Can also predict sets that were never seen.

    References
    ----------
    Tsoumakas, G., Katakis, I. (2007). Multi-label classification: an overview. International
    Journal of Data Warehousing and Mining 3(3).

    Examples
    --------
    >>> from catnocat.classifiers import LabelPowerset
    >>> from sklearn.datasets import make_multilabel_classification
    >>> X, Y = make_multilabel_classification(600, random_state=0)
    >>> model = LabelPowerset().fit(X[:400], Y[:400])
    >>> f"subset accuracy {model.score(X[400:], Y[400:]):.2f}"
    'subset accuracy 0.42'
    """

    def __init__(self, estimator: Any = None) -> None:
        self.estimator = estimator

    def _row_reader(self) -> Any:
        return self.estimator

    def _fit_labels(self, training: TrainingSet) -> None:
        training = training.weighty_rows()  # a set of no weight is no class
        self.label_sets_, numbers = np.unique(training.Y, axis=0, return_inverse=True)
        self._fit_sets(training.X, numbers.ravel(), training.sample_weight)

    def _label_probabilities(self, X: Floats) -> Floats:
        chances = self._set_probabilities(X)
        marginals: Floats = chances @ self.label_sets_.astype(chances.dtype)
        return marginals

    def _label_decisions(self, X: Floats) -> NDArray[Any]:
        decisions: NDArray[np.uint8] = self.label_sets_[self._set_probabilities(X).argmax(axis=1)]
        return decisions

    def _fit_sets(self, X: Floats, numbers: NDArray[np.intp], weights: Floats | None) -> None:
        self.estimator_ = fit_to_sets(self.estimator, X, numbers, weights)

    def _set_probabilities(self, X: Floats) -> Floats:
        chances: Floats = self.estimator_.predict_proba(unwrap(X))
        return chances


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
