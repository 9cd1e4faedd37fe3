"""The L2-penalised linear models of all labels as one problem for the minimiser."""

from dataclasses import dataclass, replace
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from .._base import ClassWeight, Floats, Labels, Mask, TrainingSet, target_weights
from .newton_cg import NewtonStep, newton_step
from .preconditioner import LeadingCurvature
from .svd import LeadingDirections, centred_rows, leading_directions


class Loss(Protocol):
    """A convex function of the margin."""

    kinked: bool  # the slope has kinks: past steps mislead about the curvature

    def value_and_slope(self, M: Floats) -> tuple[Floats, Floats]:
        """Give the loss of each margin and its derivative by the margin."""

    def bend(self, M: Floats) -> Floats:
        """Give the second derivative."""

    def constant(self, share: Floats) -> Floats:
        """Give the best score where this share of the rows shows the label."""


class LogLoss:
    """The negative logarithm of the true answer's probability."""

    kinked = False

    def value_and_slope(self, M: Floats) -> tuple[Floats, Floats]:
        """Give log(1 + exp(-margin)), written so that no margin loses digits, and its slope."""
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

    def bend(self, M: Floats) -> Floats:
        """Give p(1 - p)."""
        odds = np.exp(-np.abs(M))
        bend: Floats = odds / np.square(1 + odds)
        return bend

    def constant(self, share: Floats) -> Floats:
        """Give the log-odds."""
        log_odds: Floats = np.log(share / (1 - share))
        return log_odds


class SquaredHinge:
    """The square of what a margin lacks to 1."""

    kinked = True

    def value_and_slope(self, M: Floats) -> tuple[Floats, Floats]:
        """Give max(0, 1 - margin)² and its slope."""
        short = np.maximum(1 - M, 0)
        return np.square(short), -2 * short

    def bend(self, M: Floats) -> Floats:
        """Give 2 where the margin is short, else 0."""
        bend: Floats = 2 * (M < 1).astype(M.dtype)
        return bend

    def constant(self, share: Floats) -> Floats:
        """Give the mean of 1 and -1."""
        return 2 * share - 1


FIT_CELLS = 1 << 16  # predictors whose loss is taken at once: they stay in the cache
NEWTON_WORK = 1 << 24  # multiplications for one label's curvature; more cost more than they save
NEWTON_CELLS = 1 << 24  # of all labels' curvatures
RIDGE = 1e-6  # of curvature 1: what is rounded must not look like a direction without any
DENSE = 24  # leading directions that are seen to bend one another; others go by themselves
FREE = 1e-3  # least curvature of an intercept, in rows of curvature 1


class Rows(Protocol):
    """Rows of features, centred."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Give the numbers of rows and features."""

    def times(self, W: Floats) -> Floats:
        """Give the product with `W`."""

    def transposed_times(self, R: Floats) -> Floats:
        """Give the transpose's product with `R`."""

    def coefficients(self, P: Floats) -> tuple[Floats, ...]:
        """Turn parameters into coefficients, and last the intercepts, of rows that are not."""


@dataclass(frozen=True)
class LinearProblem:
    """Per label: C * (weighted sum of losses) + half the squared norm of the coefficients.

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
        Of each target; 0 leaves it out. None stands for 1.
    newton : bool
        The directions are all there are: the curvature along them is exact.
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
        """Return whether the slope of the loss has kinks."""
        return self.loss.kinked

    def start(self) -> Floats:
        """Give the parameters of the best constant predictions."""
        P = np.zeros((self.rows.shape[1] + 1, self.sign.shape[1]), dtype=self.sign.dtype)
        weight = np.ones((len(self.sign), 1)) if self.weight is None else self.weight
        present = np.einsum("ij,ij->j", np.broadcast_to(weight, self.sign.shape), self.sign > 0)
        total = weight.sum(axis=0)
        P[-1] = self.loss.constant(present / total)
        return P

    def scores(self, P: Floats) -> Floats:
        """Give the linear predictor of every row and label."""
        Z = self.rows.times(P[:-1])
        Z += P[-1]
        return Z

    def fit(self, Z: Floats) -> tuple[NDArray[np.float64], Floats]:
        """Give C times the loss of each label and its derivative by the linear predictor."""
        total = np.zeros(Z.shape[1])
        slope = np.empty_like(Z)
        step = max(1, FIT_CELLS // Z.shape[1])
        for start in range(0, len(Z), step):
            rows = slice(start, start + step)
            sign = self.sign[rows]
            value, steep = self.loss.value_and_slope(Z[rows] * sign)
            if self.weight is not None:
                value *= self.weight[rows]
                steep *= self.weight[rows]
            total += value.sum(axis=0, dtype=np.float64)
            steep *= sign
            np.multiply(steep, self.C, out=slope[rows])
        return self.C * total, slope

    def gradient(self, slope: Floats) -> Floats:
        """Turn the derivative by the linear predictor into that by the coefficients."""
        return np.vstack([self.rows.transposed_times(slope), slope.sum(axis=0)])

    def curvature(self, Z: Floats, P: Floats) -> LeadingCurvature:
        """Give each label's second derivatives, estimated from a sample of the rows.

        Among the first leading directions and the intercept all of them, along the other ones each
        by itself; beside these as if the mean curvature of the loss were that of every row.
        """
        near = self.directions
        bend = self.loss.bend(Z[near.rows] * self.sign[near.rows])
        if self.weight is not None:
            bend = bend * self.weight[near.rows]
        bend *= self.C * (len(Z) / len(bend))
        mass = bend.sum(axis=0)
        dense = len(near.spread) if self.newton else min(DENSE, len(near.spread))
        if P[:-1].any():
            inner = _second_moments(near.coordinates[:, :dense], bend)
            along = np.square(near.coordinates[:, dense:]).T @ bend
        else:  # every row bends alike: known without looking
            inner = np.zeros((len(mass), *2 * (dense + 1,)))
            np.einsum("kii->ki", inner)[:] = np.outer(mass, np.append(near.spread[:dense], 1))
            along = np.outer(near.spread[dense:], mass)
        diagonal = np.einsum("kii->ki", inner)
        diagonal[:, :-1] += 1
        diagonal[:, -1] += FREE * self.C  # not penalised, yet must not run off
        beside = np.outer(np.broadcast_to(near.beside, len(P) - 1), mass) + 1
        return LeadingCurvature(
            near.axes,
            _inverse(inner).astype(P.dtype),
            (along + 1).astype(P.dtype),
            beside.astype(P.dtype),
        )

    def newton_step(self, Z: Floats, P: Floats, G: Floats) -> NewtonStep:
        """Compute truncated Newton steps with the exact second derivatives at `P`."""
        bend = self.loss.bend(Z * self.sign)
        if self.weight is not None:
            bend = bend * self.weight
        bend = bend * self.C

        def hessian_times(V: Floats) -> Floats:
            product = self.gradient(bend * self.scores(V))
            product[: -self.n_free] += V[: -self.n_free]
            return product

        return newton_step(hessian_times, G, self.curvature(Z, P))

    def keep(self, columns: Mask) -> Self:
        """Give the problem of some labels."""
        weight = self.weight
        if weight is not None and weight.shape[1] > 1:
            weight = weight[:, columns]
        return replace(self, sign=self.sign[:, columns], C=self.C[columns], weight=weight)


def linear_problem(
    training: TrainingSet, loss: Loss, C: Floats, class_weight: ClassWeight
) -> LinearProblem:
    """State the problem of a training set.

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
    """Turn labels into 1 and -1."""
    sign = Y.astype(dtype)
    sign *= 2
    sign -= 1
    return sign


def _second_moments(B: Floats, weight: Floats) -> Floats:
    """Give the weighted sums of products of columns of `B` and 1, for each column of weights.

    Returns
    -------
    ndarray of shape (n_labels, n_directions + 1, n_directions + 1)
    """
    lines = np.hstack([B, np.ones((len(B), 1), dtype=B.dtype)])
    moments = np.empty((weight.shape[1], *2 * lines.shape[1:]))
    for moment, root in zip(moments, np.sqrt(weight).T, strict=True):
        weighed = lines * root[:, None]
        moment[:] = weighed.T @ weighed  # symmetric: half the work
    return moments


def _inverse(bent: NDArray[np.float64]) -> NDArray[np.float64]:
    """Invert positive definite matrices whose rows may be of any size, as features are."""
    size = np.sqrt(np.einsum("kii->ki", bent))
    sizes = size[:, :, None] * size[:, None, :]
    bent = bent / sizes
    np.einsum("kii->ki", bent)[:] += RIDGE
    return np.asarray(np.linalg.inv(bent) / sizes, dtype=np.float64)
