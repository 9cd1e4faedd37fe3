"""The L2-penalised multinomial logistic regression as a problem for the minimiser."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from ._curvature import DiagonalCurvature
from ._shared_basis import SharedBasis
from ._targets import Floats, Mask


@dataclass(frozen=True)
class SoftmaxProblem:
    """C * (weighted sum of log losses) + half the squared norm of all coefficients.

    The intercepts are not penalised: scikit-learn's objective.

    Attributes
    ----------
    basis : SharedBasis
    classes : ndarray of int of shape (n_rows,)
        Each row's class, 0 to n_classes - 1; every class occurs.
    C : float
    weight : ndarray of shape (n_rows,)
        In the precision of the features.
    """

    basis: SharedBasis
    classes: NDArray[np.intp]
    C: float
    weight: Floats
    joint = True
    newton = False
    kinked = False
    n_free = 1

    def start(self) -> Floats:
        """Give the coefficients that predict each class's share."""
        share = np.bincount(self.classes, self.weight)
        P = np.zeros((len(self.basis.spread) + 1, len(share)), dtype=self.weight.dtype)
        P[-1] = np.log(share / share.sum())
        return P

    def scores(self, P: Floats) -> Floats:
        """Give the logarithms of the classes' odds, up to a constant for each row."""
        return self.basis.scores(P)

    def fit(self, Z: Floats) -> tuple[NDArray[np.float64], Floats]:
        """Give C times the loss, of shape (1,), and its derivative by the log-odds."""
        own = np.arange(len(Z)), self.classes
        above = Z - Z.max(axis=1, keepdims=True)
        losses = -above[own]
        slope = np.exp(above, out=above)
        total = slope.sum(axis=1, keepdims=True)
        losses += np.log(total[:, 0])
        slope /= total
        slope[own] -= 1
        slope *= self.weight.dtype.type(self.C) * self.weight[:, None]
        return np.array([self.C * np.sum(self.weight * losses, dtype=np.float64)]), slope

    def gradient(self, slope: Floats) -> Floats:
        """Turn the derivative by the log-odds into that by the coefficients."""
        return self.basis.gradient(slope)

    def curvature(self, Z: Floats, P: Floats) -> DiagonalCurvature:
        """Give the second derivatives, as if classes did not curve each other."""
        chance = softmax(Z, axis=1)
        mass = self.C * (self.weight[:, None] * chance * (1 - chance)).sum(axis=0)
        mass = np.maximum(mass, np.finfo(Z.dtype).eps)
        curvature = np.outer(self.basis.spread, mass) + 1
        return DiagonalCurvature(np.vstack([1 / curvature, 1 / mass]).astype(Z.dtype))

    def newton_step(self, Z: Floats, P: Floats, G: Floats) -> None:
        """Return None: steps are checked with a renewed curvature only."""
        return

    def keep(self, columns: Mask) -> Self:
        """Give the problem itself: there is but one."""
        return self
