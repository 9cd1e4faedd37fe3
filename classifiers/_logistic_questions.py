"""Logistic regressions for many yes/no questions, all solved together."""

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from scipy.special import expit

from ._base import TrainingSet
from ._lbfgs import minimise, warn_unless_converged
from ._logistic_problem import LogisticProblem
from ._parameters import check_count, check_positive
from ._questions import Answers, EstimatorQuestioner, Models, Question, Questioner
from ._shared_basis import SharedBasis
from ._target_weights import target_weights
from ._targets import Floats, Labels, Mask
from .logistic import LogisticBinaryRelevance

BATCH_CELLS = 1 << 21  # of rows or coordinates by questions solved at once


def questioner(estimator: Any, X: Floats, sample_weight: Floats | None) -> Questioner:
    """Give what asks `estimator`: all questions at once where it is logistic.

    Parameters
    ----------
    estimator : estimator or None
        None stands for `LogisticBinaryRelevance()`.
    X : ndarray of shape (n_rows, n_features)
    sample_weight : ndarray of shape (n_rows,), or None
    """
    if estimator is None:
        estimator = LogisticBinaryRelevance()
    if type(estimator) is LogisticBinaryRelevance:  # its subclasses choose C for themselves
        return LogisticQuestioner(estimator, X, sample_weight)
    return EstimatorQuestioner(estimator, X, sample_weight)


class LogisticQuestioner:
    """Solves all questions together on one factorisation of the features.

    What is seen besides the features joins as coordinates of its own, which only the questions that
    see them may use. So the links of a chain, and of any number of chains, are as independent as
    the labels of a binary relevance.

    Parameters
    ----------
    estimator : LogisticBinaryRelevance
        Its parameters are used; it is not fitted.
    X : ndarray of shape (n_rows, n_features)
    sample_weight : ndarray of shape (n_rows,), or None
    """

    def __init__(
        self, estimator: LogisticBinaryRelevance, X: Floats, sample_weight: Floats | None
    ) -> None:
        check_positive("estimator.C", estimator.C)
        check_positive("estimator.tol", estimator.tol)
        check_count("estimator.max_iter", estimator.max_iter)
        self.estimator = estimator
        self.X = X
        self.sample_weight = sample_weight
        self.basis = SharedBasis(X, sample_weight)

    def fit(self, questions: list[Question], seen: Floats | None = None) -> Models:
        """Solve the questions, as many at once as memory is meant for."""
        if seen is None:
            seen = np.empty((len(self.X), 0), dtype=self.X.dtype)
        basis = _SeenBasis(self.basis, seen.astype(self.X.dtype, copy=False), self.sample_weight)
        size = max(1, BATCH_CELLS // max(len(self.X), len(basis.spread)))
        batches = range(0, len(questions), size)
        parts = [self._solve(basis, questions[start : start + size]) for start in batches]
        return parts[0].joined(parts)

    def _solve(self, basis: "_SeenBasis", questions: list[Question]) -> "LogisticModels":
        dtype = self.X.dtype
        Y: Labels = np.column_stack([question.y for question in questions])
        known = None
        if any(question.rows is not None for question in questions):
            everywhere = np.ones(len(Y), dtype=bool)
            asked = [everywhere if q.rows is None else q.rows for q in questions]
            known = np.column_stack(asked)
        weight = target_weights(TrainingSet(self.X, Y, self.sample_weight, known), None)
        weight = np.ones((len(Y), 1)) if weight is None else weight
        always = np.asarray((weight * Y).any(axis=0))
        varies = always & np.asarray((weight * (1 - Y)).any(axis=0))

        coef = np.zeros((len(questions), self.X.shape[1]), dtype=dtype)
        seen_coef = np.zeros((len(questions), len(basis.seen_mean)), dtype=dtype)
        intercept = np.where(always, np.inf, -np.inf).astype(dtype)
        if varies.any():
            if known is not None:
                known = known[:, varies]
            training = TrainingSet(self.X, Y[:, varies], self.sample_weight, known)
            weight = target_weights(training, self.estimator.class_weight)
            weight = np.ones((len(Y), 1)) if weight is None else weight
            C = np.full(varies.sum(), self.estimator.C, dtype=dtype)
            free = basis.free([questions[k].sees for k in np.flatnonzero(varies)])
            problem = _QuestionProblem(
                basis,  # type: ignore[arg-type]  # what a problem asks of a basis, it does
                training.Y.astype(dtype),
                C,
                weight.astype(dtype),
                free,
            )
            max_iter = self.estimator.max_iter
            P, n_iter = minimise(problem, problem.start(), self.estimator.tol, max_iter)
            warn_unless_converged(n_iter, max_iter)
            coef[varies], seen_coef[varies], intercept[varies] = basis.coefficients(P)
        return LogisticModels(coef, seen_coef, intercept)


@dataclass(frozen=True)
class LogisticModels:
    """Fitted logistic regressions.

    Attributes
    ----------
    coef : ndarray of shape (n_questions, n_features)
    seen_coef : ndarray of shape (n_questions, n_seen)
        0 for what a question does not see.
    intercept : ndarray of shape (n_questions,)
        Infinite where all answers were alike.
    """

    coef: Floats
    seen_coef: Floats
    intercept: Floats

    def about(self, X: Floats) -> Answers:
        """Begin to answer about rows `X`."""
        return LogisticAnswers(X @ self.coef.T + self.intercept, self.seen_coef)

    def probabilities(self, X: Floats) -> Floats:
        """Give the answers of models that see nothing but features."""
        chances: Floats = expit(X @ self.coef.T + self.intercept)
        return chances

    def part(self, numbers: Any) -> Self:
        """Give some of the models."""
        return type(self)(self.coef[numbers], self.seen_coef[numbers], self.intercept[numbers])

    def joined(self, parts: list[Any]) -> Self:
        """Give the models of several parts, one after the other."""
        names = ("coef", "seen_coef", "intercept")
        return type(self)(*(np.concatenate([getattr(p, name) for p in parts]) for name in names))


@dataclass(frozen=True)
class LogisticAnswers:
    """The log-odds of rows by features alone, and what the seen adds to them."""

    by_features: Floats
    seen_coef: Floats

    def of(self, number: int, rows: Any, seen: Floats) -> Floats:
        """Give one model's probabilities."""
        by_seen = seen @ self.seen_coef[number]
        chances: Floats = expit(self.by_features[rows, number] + by_seen)
        return chances

    def grid(self, number: int, seen: Floats) -> Floats:
        """Give one model's probabilities for each row with each of `seen`."""
        by_seen = seen @ self.seen_coef[number]
        chances: Floats = expit(self.by_features[:, number, None] + by_seen)
        return chances


class _SeenBasis:
    """A shared basis with the centred columns of what is seen as further coordinates."""

    def __init__(self, basis: SharedBasis, seen: Floats, row_weight: Floats | None) -> None:
        weight = np.ones(len(seen)) if row_weight is None else row_weight
        self.basis = basis
        self.n_shared = len(basis.spread)
        self.seen_mean = (weight / weight.sum() @ seen).astype(seen.dtype)
        self.seen = seen - self.seen_mean
        seen_spread = weight / weight.sum() @ np.square(self.seen)
        self.spread = np.concatenate([basis.spread, seen_spread.astype(seen.dtype)])

    def scores(self, P: Floats) -> Floats:
        Z = self.basis.scores(self._shared(P))
        Z += self.seen @ P[self.n_shared : -1]
        return Z

    def gradient(self, R: Floats) -> Floats:
        G = self.basis.gradient(R)
        return np.vstack([G[:-1], self.seen.T @ R, G[-1:]])

    def coefficients(self, P: Floats) -> tuple[Floats, Floats, Floats]:
        coef, intercept = self.basis.coefficients(self._shared(P))
        seen_coef = P[self.n_shared : -1].T
        return coef, seen_coef, intercept - seen_coef @ self.seen_mean

    def free(self, sees: list[Any]) -> Mask:
        """Give which parameters (n_parameters, n_questions) each question may use."""
        free = np.ones((len(self.spread) + 1, len(sees)), dtype=bool)
        free[self.n_shared : -1] = False
        for question, columns in enumerate(sees):
            free[self.n_shared + columns, question] = True
        return free

    def _shared(self, P: Floats) -> Floats:
        return np.vstack([P[: self.n_shared], P[-1:]])


@dataclass(frozen=True)
class _QuestionProblem(LogisticProblem):
    """Logistic regressions some of whose coefficients stay 0."""

    free: Mask

    def gradient(self, Z: Floats, P: Floats) -> Floats:
        # Steps are sums of gradients, scaled by element: what starts at 0 stays there.
        return super().gradient(Z, P) * self.free

    def keep(self, columns: Mask) -> Self:
        kept = LogisticProblem(self.basis, self.Y, self.C, self.weight).keep(columns)
        return replace(self, Y=kept.Y, C=kept.C, weight=kept.weight, free=self.free[:, columns])
