"""The L2-penalised logistic regressions of all labels as one problem for the minimiser."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from ._shared_basis import SharedBasis
from ._targets import Floats, Mask


@dataclass(frozen=True)
class LogisticProblem:
    """Per label: C * (weighted sum of log losses) + half the squared norm of the coefficients.

    The intercept is not penalised: scikit-learn's objective.

    Attributes
    ----------
    basis : SharedBasis
    Y : ndarray of shape (n_rows, n_columns)
        Targets, 0 or 1, in the precision of the features.
    C : ndarray of shape (n_columns,)
    weight : ndarray of shape (n_rows, 1) or (n_rows, n_columns)
        Of each target; 0 leaves it out.
    """

    basis: SharedBasis
    Y: Floats
    C: Floats
    weight: Floats
    joint = False

    def start(self) -> Floats:
        """Give the coefficients that predict each label's prevalence."""
        total = (self.weight * np.ones_like(self.Y)).sum(axis=0)
        present = (self.weight * self.Y).sum(axis=0)
        P = np.zeros((len(self.basis.spread) + 1, self.Y.shape[1]), dtype=self.Y.dtype)
        P[-1] = np.log(present / (total - present))
        return P

    def scores(self, P: Floats) -> Floats:
        """Give the log-odds."""
        return self.basis.scores(P)

    def value(self, Z: Floats, P: Floats) -> NDArray[np.float64]:
        """Give the objective of each label."""
        # Written so that neither a large nor a small score loses digits.
        losses = np.log1p(np.exp(-np.abs(Z))) + (np.maximum(Z, 0) - self.Y * Z)
        fit = np.sum(self.weight * losses, axis=0, dtype=np.float64)
        norm = np.sum(np.square(P[:-1]), axis=0, dtype=np.float64)
        objective: NDArray[np.float64] = self.C * fit + norm / 2
        return objective

    def gradient(self, Z: Floats, P: Floats) -> Floats:
        """Give the derivative by the coefficients."""
        G = self.basis.gradient(self.C * self.weight * (expit(Z) - self.Y))
        G[:-1] += P[:-1]
        return G

    def inverse_curvature(self, Z: Floats) -> Floats:
        """Give the inverse second derivatives, as if the mean p(1 - p) were that of every row.

        Exact at the start, where it is.
        """
        chance = expit(Z)
        mass = self.C * (self.weight * chance * (1 - chance)).sum(axis=0)
        mass = np.maximum(mass, np.finfo(Z.dtype).tiny)
        curvature = np.outer(self.basis.spread, mass) + 1
        return np.vstack([1 / curvature, 1 / mass]).astype(Z.dtype)

    def keep(self, columns: Mask) -> Self:
        """Give the problem of some labels."""
        weight = self.weight if self.weight.shape[1] == 1 else self.weight[:, columns]
        return type(self)(self.basis, self.Y[:, columns], self.C[columns], weight)
