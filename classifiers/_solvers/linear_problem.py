"""The L2-penalised linear models of all labels as one batched problem."""

from dataclasses import dataclass, replace
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from .._base import ClassWeight, Floats, Labels, Mask, TrainingSet, target_weights
from .newton_cg import NewtonStep, newton_step
from .preconditioner import LowRankPreconditioner
from .svd import LeadingDirections, centred_rows, leading_directions


class Loss(Protocol):
    """Convex loss function of the margin."""

    kinked: bool  # the derivative has kinks, which makes curvature pairs unreliable

    def value_and_slope(self, M: Floats) -> tuple[Floats, Floats]:
        """Compute the loss of each margin and its derivative."""

    def second_derivative(self, M: Floats) -> Floats:
        """Compute the second derivative."""

    def constant(self, share: Floats) -> Floats:
        """Return the optimal constant score for this share of positive rows."""


class LogLoss:
    """Logistic loss."""

    kinked = False

    def value_and_slope(self, M: Floats) -> tuple[Floats, Floats]:
        """Compute log(1 + exp(-margin)), accurately for any margin, and its derivative."""
        odds = np.abs(M)
        np.negative(odds, out=odds)
        np.exp(odds, out=odds)
        value = np.log1p(odds)
        value -= np.minimum(M, 0)
        odds += 1
        slope = np.maximum(M, 0)
        np.negative(slope, out=slope)
        np.exp(slope, out=slope)
        slope /= odds
        return value, np.negative(slope, out=slope)

    def second_derivative(self, M: Floats) -> Floats:
        """Return p(1 - p)."""
        odds = np.exp(-np.abs(M))
        curvature: Floats = odds / np.square(1 + odds)
        return curvature

    def constant(self, share: Floats) -> Floats:
        """Return the log-odds."""
        log_odds: Floats = np.log(share / (1 - share))
        return log_odds


class SquaredHinge:
    """Squared hinge loss."""

    kinked = True

    def value_and_slope(self, M: Floats) -> tuple[Floats, Floats]:
        """Compute max(0, 1 - margin)² and its derivative."""
        short = np.maximum(1 - M, 0)
        return np.square(short), -2 * short

    def second_derivative(self, M: Floats) -> Floats:
        """Return 2 where the margin is below 1, else 0."""
        curvature: Floats = 2 * (M < 1).astype(M.dtype)
        return curvature

    def constant(self, share: Floats) -> Floats:
        """Return the mean of 1 and -1."""
        return 2 * share - 1


FIT_CELLS = 1 << 16  # predictors processed at a time, to stay in the cache
NEWTON_WORK = 1 << 24  # largest number of multiplications for the exact Hessian of one label
NEWTON_CELLS = 1 << 24  # largest total size of the exact Hessians
RIDGE = 1e-6  # relative ridge that keeps rounded Hessians positive definite
DENSE = 24  # leading directions with a dense Hessian block; others are diagonal
INTERCEPT_RIDGE = 1e-3  # added curvature of an intercept, in units of one row


class Rows(Protocol):
    """Centred rows of features."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the number of rows and of features."""

    def times(self, W: Floats) -> Floats:
        """Return the product with `W`."""

    def transposed_times(self, R: Floats) -> Floats:
        """Return the product of the transpose with `R`."""

    def coefficients(self, P: Floats) -> tuple[Floats, ...]:
        """Convert parameters to coefficients and intercepts for the original rows."""


@dataclass(frozen=True)
class LinearProblem:
    """Objective per label: C * (weighted sum of losses) + half the squared coefficient norm.

    The intercept, last in each column of parameters, is not penalised.

    Attributes
    ----------
    rows : Rows
    directions : LeadingDirections
    loss : Loss
    sign : ndarray of shape (n_rows, n_columns)
        1 where the label is present, else -1, in the precision of the features.
    C : ndarray of shape (n_columns,)
    weight : ndarray of shape (n_rows, 1) or (n_rows, n_columns), or None
        Weight of each target; 0 ignores it. None means 1.
    newton : bool
        Whether `directions` are complete, so that the preconditioner is the exact inverse Hessian.
    """

    rows: Rows
    directions: LeadingDirections
    loss: Loss
    sign: Floats
    C: Floats
    weight: Floats | None = None
    newton: bool = False
    joint = False
    n_free = 1

    @property
    def kinked(self) -> bool:
        """Return whether the derivative of the loss has kinks."""
        return self.loss.kinked

    def start(self) -> Floats:
        """Return the parameters of the optimal constant predictions."""
        P = np.zeros((self.rows.shape[1] + 1, self.sign.shape[1]), dtype=self.sign.dtype)
        weight = np.ones((len(self.sign), 1)) if self.weight is None else self.weight
        present = np.einsum("ij,ij->j", np.broadcast_to(weight, self.sign.shape), self.sign > 0)
        total = weight.sum(axis=0)
        P[-1] = self.loss.constant(present / total)
        return P

    def scores(self, P: Floats) -> Floats:
        """Compute the linear predictor of every row and label."""
        Z = self.rows.times(P[:-1])
        Z += P[-1]
        return Z

    def fit(self, Z: Floats) -> tuple[NDArray[np.float64], Floats]:
        """Compute C times the loss of each label and its gradient by the linear predictor."""
        total = np.zeros(Z.shape[1])
        slope = np.empty_like(Z)
        step = max(1, FIT_CELLS // Z.shape[1])
        for start in range(0, len(Z), step):
            rows = slice(start, start + step)
            sign = self.sign[rows]
            value, derivative = self.loss.value_and_slope(Z[rows] * sign)
            if self.weight is not None:
                value *= self.weight[rows]
                derivative *= self.weight[rows]
            total += value.sum(axis=0, dtype=np.float64)
            derivative *= sign
            np.multiply(derivative, self.C, out=slope[rows])
        return self.C * total, slope

    def gradient(self, slope: Floats) -> Floats:
        """Convert the gradient by the linear predictor to the gradient by the parameters."""
        return np.vstack([self.rows.transposed_times(slope), slope.sum(axis=0)])

    def preconditioner(self, Z: Floats, P: Floats) -> LowRankPreconditioner:
        """Estimate the inverse Hessian of each label from a sample of the rows.

        The block of the first leading directions and the intercept is dense, that of the other
        leading directions diagonal. In the residual space, the second derivative of the loss is
        taken as constant over rows.
        """
        leading = self.directions
        curvature = self.loss.second_derivative(Z[leading.rows] * self.sign[leading.rows])
        if self.weight is not None:
            curvature = curvature * self.weight[leading.rows]
        curvature *= self.C * (len(Z) / len(curvature))
        mass = curvature.sum(axis=0)
        dense = len(leading.spread) if self.newton else min(DENSE, len(leading.spread))
        if P[:-1].any():
            inner = _second_moments(leading.coordinates[:, :dense], curvature)
            along = np.square(leading.coordinates[:, dense:]).T @ curvature
        else:  # equal second derivatives in all rows: closed form
            inner = np.zeros((len(mass), *2 * (dense + 1,)))
            np.einsum("kii->ki", inner)[:] = np.outer(mass, np.append(leading.spread[:dense], 1))
            along = np.outer(leading.spread[dense:], mass)
        diagonal = np.einsum("kii->ki", inner)
        diagonal[:, :-1] += 1
        diagonal[:, -1] += INTERCEPT_RIDGE * self.C  # unpenalised, but must be positive
        residual = np.outer(np.broadcast_to(leading.residual, len(P) - 1), mass) + 1
        return LowRankPreconditioner(
            leading.axes,
            _inverse(inner).astype(P.dtype),
            (along + 1).astype(P.dtype),
            residual.astype(P.dtype),
        )

    def newton_step(self, Z: Floats, P: Floats, G: Floats) -> NewtonStep:
        """Compute truncated Newton steps with the exact second derivatives at `P`."""
        curvature = self.loss.second_derivative(Z * self.sign)
        if self.weight is not None:
            curvature = curvature * self.weight
        curvature = curvature * self.C

        def hessian_times(V: Floats) -> Floats:
            product = self.gradient(curvature * self.scores(V))
            product[: -self.n_free] += V[: -self.n_free]
            return product

        return newton_step(hessian_times, G, self.preconditioner(Z, P))

    def keep(self, columns: Mask) -> Self:
        """Return the problem of a subset of the labels."""
        weight = self.weight
        if weight is not None and weight.shape[1] > 1:
            weight = weight[:, columns]
        return replace(self, sign=self.sign[:, columns], C=self.C[columns], weight=weight)


def linear_problem(
    training: TrainingSet, loss: Loss, C: Floats, class_weight: ClassWeight
) -> LinearProblem:
    """Build the problem of a training set.

    Parameters
    ----------
    training : TrainingSet
    loss : Loss
    C : ndarray of shape (n_labels,)
    class_weight : "balanced", dict or None
    """
    dtype, row_weight = training.X.dtype, training.sample_weight
    rows = centred_rows(training.X, row_weight)
    weight = target_weights(training, class_weight)
    square = rows.shape[1] ** 2
    few = rows.shape[0] * square <= NEWTON_WORK and training.Y.shape[1] * square <= NEWTON_CELLS
    newton = loss.kinked and few
    return LinearProblem(
        rows,
        leading_directions(rows, row_weight, whole=newton),
        loss,
        signs(training.Y, dtype),
        C.astype(dtype),
        None if weight is None else weight.astype(dtype),
        newton,
    )


def signs(Y: Labels, dtype: Any) -> Floats:
    """Convert labels to 1 and -1."""
    sign = Y.astype(dtype)
    sign *= 2
    sign -= 1
    return sign


def _second_moments(B: Floats, weight: Floats) -> Floats:
    """Compute the weighted second moments of `B` with an appended 1, per column of weights.

    Returns
    -------
    ndarray of shape (n_labels, n_directions + 1, n_directions + 1)
    """
    lines = np.hstack([B, np.ones((len(B), 1), dtype=B.dtype)])
    moments = np.empty((weight.shape[1], *2 * lines.shape[1:]))
    for moment, root in zip(moments, np.sqrt(weight).T, strict=True):
        weighted = lines * root[:, None]
        moment[:] = weighted.T @ weighted  # symmetric: BLAS does half the work
    return moments


def _inverse(matrices: NDArray[np.float64]) -> NDArray[np.float64]:
    """Invert positive definite matrices after scaling their diagonals to 1."""
    size = np.sqrt(np.einsum("kii->ki", matrices))
    sizes = size[:, :, None] * size[:, None, :]
    matrices = matrices / sizes
    np.einsum("kii->ki", matrices)[:] += RIDGE
    return np.asarray(np.linalg.inv(matrices) / sizes, dtype=np.float64)
