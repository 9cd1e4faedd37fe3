"""Preconditioners: approximations of the inverse Hessian."""

from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np

from .._base import Floats, Mask


class Preconditioner(Protocol):
    """Approximate inverse Hessian of one function per column, or of one of all columns."""

    def solve(self, Q: Floats) -> Floats:
        """Apply the approximate inverse Hessian to `Q`."""

    def keep(self, columns: Mask) -> Self:
        """Return the preconditioner of a subset of the columns."""


@dataclass(frozen=True)
class DiagonalPreconditioner:
    """Diagonal preconditioner.

    Attributes
    ----------
    inverse : ndarray, shaped as the parameters
    """

    inverse: Floats

    def solve(self, Q: Floats) -> Floats:
        """Apply the approximate inverse Hessian to `Q`."""
        return self.inverse * Q

    def keep(self, columns: Mask) -> Self:
        """Return the preconditioner of a subset of the columns."""
        return type(self)(self.inverse[:, columns])


@dataclass(frozen=True)
class LowRankPreconditioner:
    """Dense block in a few shared directions, diagonal in other directions and the residual.

    Attributes
    ----------
    axes : ndarray of shape (n_features, n_directions)
        Orthonormal.
    inverse : ndarray of shape (n_columns, n_dense + 1, n_dense + 1)
        Inverse Hessian block of the first directions and the intercept.
    along : ndarray of shape (n_directions - n_dense, n_columns)
        The second derivative along each of the other directions.
    residual : ndarray of shape (n_features, n_columns)
        The second derivative of each feature in the orthogonal complement of the axes.
    """

    axes: Floats
    inverse: Floats
    along: Floats
    residual: Floats

    def solve(self, Q: Floats) -> Floats:
        """Apply the approximate inverse Hessian to `Q`."""
        inner = self.axes.T @ Q[:-1]
        step = np.empty_like(Q)
        step[:-1] = Q[:-1] - self.axes @ inner
        step[:-1] -= self.axes @ (self.axes.T @ step[:-1])  # repeated to remove rounding errors
        step[:-1] /= self.residual
        n_dense = self.inverse.shape[1] - 1
        dense = np.vstack([inner[:n_dense], Q[-1:]])
        dense = np.matmul(self.inverse, dense.T[:, :, None])[:, :, 0].T
        inner[:n_dense] = dense[:-1]
        inner[n_dense:] /= self.along
        step[:-1] += self.axes @ inner
        step[-1] = dense[-1]
        return step

    def keep(self, columns: Mask) -> Self:
        """Return the preconditioner of a subset of the columns."""
        return type(self)(
            self.axes, self.inverse[columns], self.along[:, columns], self.residual[:, columns]
        )
