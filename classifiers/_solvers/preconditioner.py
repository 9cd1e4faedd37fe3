"""Guesses of the inverse second derivatives: what makes a step of a gradient."""

from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np

from .._base import Floats, Mask


class Curvature(Protocol):
    """The second derivatives of one function per column, or of one of all columns."""

    def solve(self, Q: Floats) -> Floats:
        """Give the step along which a gradient changes by `Q`."""

    def keep(self, columns: Mask) -> Self:
        """Give the curvature of some of the columns."""


@dataclass(frozen=True)
class DiagonalCurvature:
    """No coordinate bends another.

    Attributes
    ----------
    inverse : ndarray, shaped as the parameters
    """

    inverse: Floats

    def solve(self, Q: Floats) -> Floats:
        """Give the step along which a gradient changes by `Q`."""
        return self.inverse * Q

    def keep(self, columns: Mask) -> Self:
        """Give the curvature of some of the columns."""
        return type(self)(self.inverse[:, columns])


@dataclass(frozen=True)
class LeadingCurvature:
    """All of the curvature among a few shared directions, a diagonal along others and beside them.

    Attributes
    ----------
    axes : ndarray of shape (n_features, n_directions)
        Orthonormal.
    inverse : ndarray of shape (n_columns, n_dense + 1, n_dense + 1)
        Of the second derivatives along the first directions and the intercept.
    along : ndarray of shape (n_directions - n_dense, n_columns)
        The second derivative along each of the other directions.
    beside : ndarray of shape (n_features, n_columns)
        The second derivative along everything else, feature by feature.
    """

    axes: Floats
    inverse: Floats
    along: Floats
    beside: Floats

    def solve(self, Q: Floats) -> Floats:
        """Give the step along which a gradient changes by `Q`."""
        inner = self.axes.T @ Q[:-1]
        step = np.empty_like(Q)
        step[:-1] = Q[:-1] - self.axes @ inner
        step[:-1] -= self.axes @ (self.axes.T @ step[:-1])  # what rounding left of a large share
        step[:-1] /= self.beside
        n_dense = self.inverse.shape[1] - 1
        dense = np.vstack([inner[:n_dense], Q[-1:]])
        dense = np.matmul(self.inverse, dense.T[:, :, None])[:, :, 0].T
        inner[:n_dense] = dense[:-1]
        inner[n_dense:] /= self.along
        step[:-1] += self.axes @ inner
        step[-1] = dense[-1]
        return step

    def keep(self, columns: Mask) -> Self:
        """Give the curvature of some of the columns."""
        return type(self)(
            self.axes, self.inverse[columns], self.along[:, columns], self.beside[:, columns]
        )
