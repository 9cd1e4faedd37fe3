"""The L2-penalised multinomial logistic regression as a problem for the minimiser."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

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

    def start(self) -> Floats:
        """Give the coefficients that predict each class's share."""
        share = np.bincount(self.classes, self.weight)
        P = np.zeros((len(self.basis.spread) + 1, len(share)), dtype=self.weight.dtype)
        P[-1] = np.log(share / share.sum())
        return P

    def scores(self, P: Floats) -> Floats:
        """Give the logarithms of the classes' odds, up to a constant for each row."""
        return self.basis.scores(P)

    def value(self, Z: Floats, P: Floats) -> NDArray[np.float64]:
        """Give the objective, of shape (1,)."""
        top = Z.max(axis=1)
        own = Z[np.arange(len(Z)), self.classes]
        losses = np.log(np.exp(Z - top[:, None]).sum(axis=1)) + (top - own)
        fit = np.sum(self.weight * losses, dtype=np.float64)
        flat = P[:-1].ravel()
        return np.array([self.C * fit + np.sum(np.square(flat), dtype=np.float64) / 2])

    def gradient(self, Z: Floats, P: Floats) -> Floats:
        """Give the derivative by the coefficients."""
        R = softmax(Z, axis=1)
        R[np.arange(len(Z)), self.classes] -= 1
        R *= (self.C * self.weight)[:, None]
        G = self.basis.gradient(R)
        G[:-1] += P[:-1]
        return G

    def inverse_curvature(self, Z: Floats) -> Floats:
        """Give the inverse second derivatives, as if classes did not curve each other."""
        chance = softmax(Z, axis=1)
        mass = self.C * (self.weight[:, None] * chance * (1 - chance)).sum(axis=0)
        curvature = np.outer(self.basis.spread, mass) + 1
        return np.vstack([1 / curvature, 1 / mass]).astype(Z.dtype)

    def keep(self, columns: Mask) -> Self:
        """Give the problem itself: there is but one."""
        return self
