"""Multi-class models over label sets: any classifier, or logistic models fitted together."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from .._base import (
    Floats,
    Labels,
    TrainingSet,
    check_count,
    check_positive,
    fit_to_sets,
    linear_scores,
    unwrap,
)
from .._solvers import SharedBasis, SoftmaxGroups, class_axes, minimize_lbfgs, warn_unless_converged
from .label_powerset import LogisticPowerset

BATCH_CELLS = 1 << 21  # rows or coordinates times classes of all models solved at once


@dataclass(frozen=True)
class SetExamples:
    """Training examples of one model: rows with label sets.

    Attributes
    ----------
    rows, numbers : ndarray of int of shape (n_examples,)
        A row may be an example of several sets, or of none.
    sets : ndarray of shape (n_sets, n_labels)
        The label set of each number; each has examples.
    """

    rows: NDArray[np.intp]
    numbers: NDArray[np.intp]
    sets: Labels


class SetModel:
    """Fitted multi-class model over label sets.

    Parameters
    ----------
    sets : ndarray of shape (n_sets, n_labels)
    estimator : fitted classifier, or None if there is only one set
    """

    def __init__(self, sets: Labels, estimator: Any) -> None:
        self.sets = sets
        self.estimator = estimator

    def set_probabilities(self, X: Floats) -> Floats:
        """Return the probability (n_rows, n_sets) of each set."""
        if self.estimator is None:
            return np.ones((len(X), 1), dtype=X.dtype)
        probabilities: Floats = self.estimator.predict_proba(unwrap(X))
        return probabilities

    def marginals(self, X: Floats) -> Floats:
        """Return the probability (n_rows, n_labels) of each label."""
        probabilities = self.set_probabilities(X)
        marginals: Floats = probabilities @ self.sets.astype(probabilities.dtype)
        return marginals


class LogisticSetModel(SetModel):
    """Fitted multinomial logistic regression over label sets."""

    def __init__(self, sets: Labels, coef: Floats, intercept: Floats) -> None:
        super().__init__(sets, None)
        self.coef = coef
        self.intercept = intercept

    def set_probabilities(self, X: Floats) -> Floats:
        """Return the probability (n_rows, n_sets) of each set."""
        probabilities: Floats = softmax(linear_scores(X, self.coef, self.intercept), axis=1)
        return probabilities


@dataclass(frozen=True)
class EnsembleVotes:
    """Combined predictions of an ensemble whose members predict subsets of the labels.

    Attributes
    ----------
    shares : ndarray of shape (n_rows, n_labels)
        Mean marginal probabilities.
    votes : ndarray of shape (n_rows, n_labels)
        Fraction of models whose most probable set contains the label.
    """

    shares: Floats
    votes: Floats

    @classmethod
    def of(cls, X: Floats, models: list[SetModel], labelsets: list[Any], n_labels: int) -> Self:
        """Combine the predictions of models, each for the labels of its labelset."""
        shares: Floats = np.zeros((len(X), n_labels), dtype=X.dtype)
        votes, n_models = np.zeros_like(shares), np.zeros(n_labels, dtype=X.dtype)
        for labels, model in zip(labelsets, models, strict=True):
            probabilities = model.set_probabilities(X)
            shares[:, labels] += probabilities @ model.sets.astype(probabilities.dtype)
            votes[:, labels] += model.sets[probabilities.argmax(axis=1)]
            n_models[labels] += 1
        return cls(shares / n_models, votes / n_models)

    def majority(self) -> NDArray[np.bool_]:
        """Return the majority vote of the models; ties are decided by the mean probabilities."""
        even = np.isclose(self.votes, 0.5)
        decisions: NDArray[np.bool_] = np.where(even, self.shares, self.votes) > 0.5
        return decisions


def set_row_reader(estimator: Any) -> Any:
    """Return the estimator if it validates inputs itself, None if models are fitted together."""
    return None if estimator is None or type(estimator) is LogisticPowerset else estimator


def fit_set_models(
    estimator: Any, training: TrainingSet, tasks: list[SetExamples]
) -> list[SetModel]:
    """Fit one multi-class model per task.

    Parameters
    ----------
    estimator : estimator or None
        A classifier with `predict_proba`; None means `LogisticPowerset()`, of which only the
        parameters are used: all models are fitted together.
    training : TrainingSet
        Without rows of zero weight.
    tasks : list of SetExamples
    """
    if estimator is None:
        estimator = LogisticPowerset()
    if type(estimator) is LogisticPowerset:
        return _fit_together(estimator, training, tasks)
    models = []
    for task in tasks:
        weight = training.sample_weight
        weight = None if weight is None else weight[task.rows]
        learner = None
        if len(task.sets) > 1:
            learner = fit_to_sets(estimator, training.X[task.rows], task.numbers, weight)
        models.append(SetModel(task.sets, learner))
    return models


def _fit_together(
    estimator: LogisticPowerset, training: TrainingSet, tasks: list[SetExamples]
) -> list[SetModel]:
    check_positive("estimator.C", estimator.C)
    check_positive("estimator.tol", estimator.tol)
    check_count("estimator.max_iter", estimator.max_iter)
    basis = SharedBasis(training.X, training.sample_weight)
    largest = max(len(task.sets) for task in tasks)
    size = max(1, BATCH_CELLS // (max(len(training.X), len(basis.spread)) * largest))
    models: list[SetModel] = []
    for start in range(0, len(tasks), size):
        batch = tasks[start : start + size]
        problem = _problem(basis, estimator.C, training, batch)
        P, n_iter = minimize_lbfgs(problem, problem.start(), estimator.tol, estimator.max_iter)
        warn_unless_converged(n_iter, estimator.max_iter)
        of_classes = problem.of_classes(P)
        for group, task in enumerate(batch):
            coef, intercept = basis.coefficients(of_classes[:, : len(task.sets), group])
            models.append(LogisticSetModel(task.sets, coef, intercept))
    return models


def _problem(
    basis: SharedBasis, C: float, training: TrainingSet, tasks: list[SetExamples]
) -> SoftmaxGroups:
    n_classes = max(len(task.sets) for task in tasks)
    shape = (len(training.X), n_classes, len(tasks))
    mass = np.zeros(shape, dtype=training.X.dtype)
    possible = np.zeros(shape[1:], dtype=bool)
    for group, task in enumerate(tasks):
        weight = 1 if training.sample_weight is None else training.sample_weight[task.rows]
        np.add.at(mass[:, :, group], (task.rows, task.numbers), weight)
        possible[: len(task.sets), group] = True
    # With two classes, a binary regression with one coefficient vector has twice the penalty.
    each_C = np.where(possible.sum(axis=0) == 2, C / 2, C).astype(mass.dtype)
    return SoftmaxGroups(basis, mass, possible, each_C, *class_axes(mass, possible))
