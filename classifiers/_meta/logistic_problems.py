"""Logistic regressions for many yes/no questions, all solved together."""

from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
from scipy.special import expit

from .._base import (
    Floats,
    Labels,
    Mask,
    TrainingSet,
    check_count,
    check_positive,
    linear_scores,
    target_weights,
)
from .._solvers import (
    CentredRows,
    LeadingDirections,
    LinearProblem,
    LogLoss,
    centred_rows,
    leading_directions,
    minimise,
    signs,
    warn_unless_converged,
)
from ..linear import LogisticBinaryRelevance
from .binary_problems import Answers, EstimatorQuestioner, Models, Question, Questioner

BATCH_CELLS = 1 << 21  # of rows or features by questions solved at once


def row_reader(estimator: Any) -> Any:
    """Return the estimator if it reads inputs itself, None if all questions are solved at once."""
    together = estimator is None or type(estimator) is LogisticBinaryRelevance
    return None if together else estimator


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
    """Solves all questions together, the features' leading directions found once.

    What is seen besides the features joins as features of its own, which only the questions that
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
        self.rows = centred_rows(X, sample_weight)
        self.directions = leading_directions(self.rows, sample_weight)

    def fit(
        self, questions: list[Question], seen: Floats | None = None, seen_scale: float = 1.0
    ) -> Models:
        """Solve the questions, as many at once as memory is meant for.

        The models that are returned take `seen` as it is: `seen_scale` is in their coefficients.
        """
        if seen is None:
            seen = np.empty((len(self.X), 0), dtype=self.X.dtype)
        seen = seen.astype(self.X.dtype)
        seen *= seen_scale
        rows = _SeenRows(self.rows, seen, self.sample_weight)
        curvature = (self.directions.axes.shape[1] + 1) ** 2
        size = max(1, BATCH_CELLS // max(*rows.shape, curvature))
        batches = range(0, len(questions), size)
        parts = [self._solve(rows, questions[start : start + size]) for start in batches]
        models = parts[0].joined(parts)
        models.seen_coef[:] *= seen_scale
        return models

    def _solve(self, rows: "_SeenRows", questions: list[Question]) -> "LogisticModels":
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
        seen_coef = np.zeros((len(questions), len(rows.seen_mean)), dtype=dtype)
        intercept = np.where(always, np.inf, -np.inf).astype(dtype)
        if varies.any():
            if known is not None:
                known = known[:, varies]
            training = TrainingSet(self.X, Y[:, varies], self.sample_weight, known)
            weight = target_weights(training, self.estimator.class_weight)
            problem = _QuestionProblem(
                rows,
                rows.directions(self.directions),
                LogLoss(),
                signs(training.Y, dtype),
                np.full(varies.sum(), self.estimator.C, dtype=dtype),
                None if weight is None else weight.astype(dtype),
                free=rows.free([questions[k].sees for k in np.flatnonzero(varies)]),
            )
            max_iter = self.estimator.max_iter
            P, n_iter = minimise(problem, problem.start(), self.estimator.tol, max_iter)
            warn_unless_converged(n_iter, max_iter)
            of_features, seen_coef[varies], of_rows = rows.coefficients(P)
            # Double precision where the features are far from zero.
            coef, intercept = (part.astype(of_features.dtype) for part in (coef, intercept))
            coef[varies], intercept[varies] = of_features, of_rows
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
        return LogisticAnswers(linear_scores(X, self.coef, self.intercept), self.seen_coef)

    def probabilities(self, X: Floats) -> Floats:
        """Give the answers of models that see nothing but features."""
        chances: Floats = expit(linear_scores(X, self.coef, self.intercept))
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


class _SeenRows:
    """Centred rows of features with the centred columns of what is seen as further features."""

    def __init__(self, rows: CentredRows, seen: Floats, row_weight: Floats | None) -> None:
        weight = np.ones(len(seen)) if row_weight is None else row_weight
        share = weight / weight.sum()
        self.rows = rows
        self.n_shared = rows.shape[1]
        self.shape = rows.shape[0], self.n_shared + seen.shape[1]
        self.seen_mean = (share @ seen).astype(seen.dtype)
        self.seen = seen - self.seen_mean
        self.seen_spread = share @ np.square(self.seen)

    def times(self, W: Floats) -> Floats:
        Z = self.rows.times(W[: self.n_shared])
        Z += self.seen @ W[self.n_shared :]
        return Z

    def transposed_times(self, R: Floats) -> Floats:
        return np.vstack([self.rows.transposed_times(R), self.seen.T @ R])

    def coefficients(self, P: Floats) -> tuple[Floats, Floats, Floats]:
        coef, intercept = self.rows.coefficients(np.vstack([P[: self.n_shared], P[-1:]]))
        seen_coef = P[self.n_shared : -1].T
        return coef, seen_coef, intercept - seen_coef @ self.seen_mean

    def directions(self, shared: LeadingDirections) -> LeadingDirections:
        """Give the directions in which features vary most, what is seen lying beside them."""
        nowhere = np.zeros((len(self.seen_mean), shared.axes.shape[1]), dtype=shared.axes.dtype)
        beside = np.append(np.broadcast_to(shared.beside, self.n_shared), self.seen_spread)
        return replace(shared, axes=np.vstack([shared.axes, nowhere]), beside=beside)

    def free(self, sees: list[Any]) -> Mask:
        """Give which parameters (n_parameters, n_questions) each question may use."""
        free = np.ones((self.shape[1] + 1, len(sees)), dtype=bool)
        free[self.n_shared : -1] = False
        for question, columns in enumerate(sees):
            free[self.n_shared + columns, question] = True
        return free


@dataclass(frozen=True)
class _QuestionProblem(LinearProblem):
    """Logistic regressions some of whose coefficients stay 0."""

    free: Mask = field(kw_only=True)

    def gradient(self, slope: Floats) -> Floats:
        # Nothing that is seen bends anything else in the guessed curvature, and steps are sums of
        # gradients: what starts at 0 stays there.
        return super().gradient(slope) * self.free

    def keep(self, columns: Mask) -> Self:
        return replace(super().keep(columns), free=self.free[:, columns])
