"""Logistic regressions for many binary problems, solved together."""

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
    minimize_lbfgs,
    signs,
    warn_unless_converged,
)
from ..linear import LogisticBinaryRelevance
from .binary_problems import (
    BinaryPredictions,
    BinaryProblem,
    BinaryProblemSolver,
    EstimatorProblemSolver,
    Models,
)

BATCH_CELLS = 1 << 21  # rows or features times problems solved at once


def row_reader(estimator: Any) -> Any:
    """Return the estimator if it validates inputs itself, None if problems are solved together."""
    solved_together = estimator is None or type(estimator) is LogisticBinaryRelevance
    return None if solved_together else estimator


def binary_problem_solver(
    estimator: Any, X: Floats, sample_weight: Floats | None
) -> BinaryProblemSolver:
    """Return the solver for `estimator`: the batched one if it is logistic.

    Parameters
    ----------
    estimator : estimator or None
        None means `LogisticBinaryRelevance()`.
    X : ndarray of shape (n_rows, n_features)
    sample_weight : ndarray of shape (n_rows,), or None
    """
    if estimator is None:
        estimator = LogisticBinaryRelevance()
    if type(estimator) is LogisticBinaryRelevance:  # subclasses choose C themselves
        return LogisticProblemSolver(estimator, X, sample_weight)
    return EstimatorProblemSolver(estimator, X, sample_weight)


class LogisticProblemSolver:
    """Solver of all problems as one batch, with leading directions computed once.

    The additional inputs are appended as features; the coefficients of inputs that a problem does
    not use stay 0. So the links of one or many chains are as independent as the labels in
    binary relevance.

    Parameters
    ----------
    estimator : LogisticBinaryRelevance
        Only its parameters are used.
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
        self, problems: list[BinaryProblem], seen: Floats | None = None, seen_scale: float = 1.0
    ) -> Models:
        """Solve the problems in batches of limited size.

        The returned models take `seen` unscaled: `seen_scale` is part of their coefficients.
        """
        if seen is None:
            seen = np.empty((len(self.X), 0), dtype=self.X.dtype)
        seen = seen.astype(self.X.dtype)
        seen *= seen_scale
        rows = _SeenRows(self.rows, seen, self.sample_weight)
        curvature = (self.directions.axes.shape[1] + 1) ** 2
        size = max(1, BATCH_CELLS // max(*rows.shape, curvature))
        batches = range(0, len(problems), size)
        parts = [self._solve(rows, problems[start : start + size]) for start in batches]
        models = parts[0].joined(parts)
        models.seen_coef[:] *= seen_scale
        return models

    def _solve(self, rows: "_SeenRows", problems: list[BinaryProblem]) -> "LogisticModels":
        dtype = self.X.dtype
        Y: Labels = np.column_stack([problem.y for problem in problems])
        known = None
        if any(problem.rows is not None for problem in problems):
            all_rows = np.ones(len(Y), dtype=bool)
            row_masks = [all_rows if part.rows is None else part.rows for part in problems]
            known = np.column_stack(row_masks)
        weight = target_weights(TrainingSet(self.X, Y, self.sample_weight, known), None)
        weight = np.ones((len(Y), 1)) if weight is None else weight
        always = np.asarray((weight * Y).any(axis=0))
        varies = always & np.asarray((weight * (1 - Y)).any(axis=0))

        coef = np.zeros((len(problems), self.X.shape[1]), dtype=dtype)
        seen_coef = np.zeros((len(problems), len(rows.seen_mean)), dtype=dtype)
        intercept = np.where(always, np.inf, -np.inf).astype(dtype)
        if varies.any():
            if known is not None:
                known = known[:, varies]
            training = TrainingSet(self.X, Y[:, varies], self.sample_weight, known)
            weight = target_weights(training, self.estimator.class_weight)
            problem = _MaskedLinearProblem(
                rows,
                rows.directions(self.directions),
                LogLoss(),
                signs(training.Y, dtype),
                np.full(varies.sum(), self.estimator.C, dtype=dtype),
                None if weight is None else weight.astype(dtype),
                free=rows.free([problems[k].sees for k in np.flatnonzero(varies)]),
            )
            max_iter = self.estimator.max_iter
            P, n_iter = minimize_lbfgs(problem, problem.start(), self.estimator.tol, max_iter)
            warn_unless_converged(n_iter, max_iter)
            new_coef, seen_coef[varies], new_intercept = rows.coefficients(P)
            # Double precision if the features have large means.
            coef, intercept = (part.astype(new_coef.dtype) for part in (coef, intercept))
            coef[varies], intercept[varies] = new_coef, new_intercept
        return LogisticModels(coef, seen_coef, intercept)


@dataclass(frozen=True)
class LogisticModels:
    """Fitted logistic regressions.

    Attributes
    ----------
    coef : ndarray of shape (n_problems, n_features)
    seen_coef : ndarray of shape (n_problems, n_seen)
        0 for inputs that a problem does not use.
    intercept : ndarray of shape (n_problems,)
        Infinite where all targets are equal.
    """

    coef: Floats
    seen_coef: Floats
    intercept: Floats

    def predictions_for(self, X: Floats) -> BinaryPredictions:
        """Return the predictions for rows `X`, given additional inputs later."""
        return LogisticPredictions(linear_scores(X, self.coef, self.intercept), self.seen_coef)

    def probabilities(self, X: Floats) -> Floats:
        """Return the probabilities of models without additional inputs."""
        probabilities: Floats = expit(linear_scores(X, self.coef, self.intercept))
        return probabilities

    def part(self, numbers: Any) -> Self:
        """Return a subset of the models."""
        return type(self)(self.coef[numbers], self.seen_coef[numbers], self.intercept[numbers])

    def joined(self, parts: list[Any]) -> Self:
        """Return the concatenated models of several parts."""
        names = ("coef", "seen_coef", "intercept")
        return type(self)(*(np.concatenate([getattr(p, name) for p in parts]) for name in names))


@dataclass(frozen=True)
class LogisticPredictions:
    """Log-odds from the features, and the coefficients of the additional inputs."""

    by_features: Floats
    seen_coef: Floats

    def probabilities(self, number: int, rows: Any, seen: Floats) -> Floats:
        """Return the probabilities of one model."""
        by_seen = seen @ self.seen_coef[number]
        probabilities: Floats = expit(self.by_features[rows, number] + by_seen)
        return probabilities

    def grid(self, number: int, seen: Floats) -> Floats:
        """Return the probabilities for each row combined with each row of `seen`."""
        by_seen = seen @ self.seen_coef[number]
        probabilities: Floats = expit(self.by_features[:, number, None] + by_seen)
        return probabilities


class _SeenRows:
    """Centred rows of features with the centred additional inputs appended."""

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
        """Return the leading directions of the features; additional inputs are in the residual."""
        zeros = np.zeros((len(self.seen_mean), shared.axes.shape[1]), dtype=shared.axes.dtype)
        residual = np.append(np.broadcast_to(shared.residual, self.n_shared), self.seen_spread)
        return replace(shared, axes=np.vstack([shared.axes, zeros]), residual=residual)

    def free(self, sees: list[Any]) -> Mask:
        """Return a mask (n_parameters, n_problems) of the parameters that each problem uses."""
        free = np.ones((self.shape[1] + 1, len(sees)), dtype=bool)
        free[self.n_shared : -1] = False
        for problem, columns in enumerate(sees):
            free[self.n_shared + columns, problem] = True
        return free


@dataclass(frozen=True)
class _MaskedLinearProblem(LinearProblem):
    """Logistic regressions with a mask of coefficients that stay 0."""

    free: Mask = field(kw_only=True)

    def gradient(self, slope: Floats) -> Floats:
        # The preconditioner is diagonal in the additional inputs, and steps are combinations of
        # preconditioned gradients: masked coefficients that start at 0 stay 0.
        return super().gradient(slope) * self.free

    def keep(self, columns: Mask) -> Self:
        return replace(super().keep(columns), free=self.free[:, columns])
