"""Several multinomial logistic regressions on the same features as one problem for the minimiser.

Each regression is one column, which holds the coefficients of all its classes. Regressions of fewer
classes than the largest carry classes that cannot occur.
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp, softmax

from ._shared_basis import SharedBasis
from ._targets import Floats, Mask


@dataclass(frozen=True)
class SoftmaxGroups:
    """Per regression: C * (weighted sum of log losses) + half the squared norm of the coefficients.

    The intercepts are not penalised: scikit-learn's objective.

    Attributes
    ----------
    basis : SharedBasis
    mass : ndarray of shape (n_rows, n_classes, n_groups)
        The weight with which a row is an example of a class; a row may be one of several or none.
    possible : ndarray of bool of shape (n_classes, n_groups)
        Where a regression has such a class; it has examples then.
    C : ndarray of shape (n_groups,)
    """

    basis: SharedBasis
    mass: Floats
    possible: Mask
    C: Floats
    joint = False

    def start(self) -> Floats:
        """Give the coefficients that predict each class's share."""
        share = self.mass.sum(axis=0)
        share = np.where(self.possible, share / share.sum(axis=0), 1)
        n_classes, n_groups = self.possible.shape
        P = np.zeros(((len(self.basis.spread) + 1) * n_classes, n_groups), dtype=self.mass.dtype)
        P[-n_classes:] = np.log(share)
        return P

    def scores(self, P: Floats) -> Floats:
        """Give the logarithms of the classes' odds, up to a constant for each row and group."""
        n_classes, n_groups = self.possible.shape
        Z = self.basis.scores(P.reshape(-1, n_classes * n_groups))
        return Z.reshape(-1, n_groups)

    def value(self, Z: Floats, P: Floats) -> NDArray[np.float64]:
        """Give the objective of each regression."""
        logits = Z.reshape(self.mass.shape)
        total = logsumexp(self._masked(logits), axis=1)
        losses = self.mass.sum(axis=1) * total - (self.mass * logits).sum(axis=1)
        norm = np.sum(np.square(P[: -len(self.possible)]), axis=0, dtype=np.float64)
        objective: NDArray[np.float64] = self.C * losses.sum(axis=0, dtype=np.float64) + norm / 2
        return objective

    def gradient(self, Z: Floats, P: Floats) -> Floats:
        """Give the derivative by the coefficients."""
        R = softmax(self._masked(Z.reshape(self.mass.shape)), axis=1)
        R *= self.mass.sum(axis=1, keepdims=True)
        R -= self.mass
        R *= self.C
        G = self.basis.gradient(R.reshape(len(R), -1)).reshape(P.shape)
        G[: -len(self.possible)] += P[: -len(self.possible)]
        return G

    def inverse_curvature(self, Z: Floats) -> Floats:
        """Give the inverse second derivatives, as if classes did not curve each other."""
        chance = softmax(self._masked(Z.reshape(self.mass.shape)), axis=1)
        bend = self.C * (self.mass.sum(axis=1, keepdims=True) * chance * (1 - chance)).sum(axis=0)
        curvature = self.basis.spread[:, None, None] * bend + 1
        bend = np.maximum(bend, np.finfo(Z.dtype).tiny)
        inverse = np.concatenate([1 / curvature, 1 / bend[None]])
        return inverse.reshape(-1, bend.shape[1]).astype(Z.dtype)

    def keep(self, columns: Mask) -> Self:
        """Give the problem of some regressions."""
        return replace(
            self,
            mass=self.mass[:, :, columns],
            possible=self.possible[:, columns],
            C=self.C[columns],
        )

    def _masked(self, logits: Floats) -> Floats:
        return logits if self.possible.all() else np.where(self.possible, logits, -np.inf)
