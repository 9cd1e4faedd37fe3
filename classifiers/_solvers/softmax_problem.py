"""L2-penalised multinomial logistic regressions as problems for the L-BFGS solver."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from .._base import Floats, Mask, raw_coefficients
from .preconditioner import DiagonalPreconditioner

BLOCK_ROWS = 2048
ROTATE_UP_TO = 4  # rows per feature up to which a rotated copy of the rows pays off


class SharedBasis:
    """Orthogonal coordinates in which the centred features are uncorrelated.

    The rotation leaves the L2 norm of coefficients unchanged and makes X'X diagonal. So the Hessian
    of a penalised linear model is nearly diagonal, and a diagonal preconditioner is effective. With
    fewer rows than features there are only as many coordinates as rows. The last row of the
    parameters is the intercept.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_features)
        Not copied if there are many rows; may be a memory map.
    row_weight : ndarray of shape (n_rows,), default=None

    Attributes
    ----------
    spread : ndarray of shape (n_coordinates,)
        Weighted mean square along each coordinate.
    """

    def __init__(self, X: Floats, row_weight: Floats | None = None) -> None:
        n_rows, n_features = X.shape
        weight = np.ones(n_rows) if row_weight is None else row_weight
        self.X = X
        self.mean = (weight.astype(np.float64) / weight.sum() @ X).astype(X.dtype)
        root = np.sqrt(weight).astype(X.dtype)[:, None]
        if n_rows > n_features:
            gram = np.zeros((n_features, n_features), dtype=X.dtype)
            for rows in self._blocks():
                block = (X[rows] - self.mean) * root[rows]
                gram += block.T @ block
            self.spread, self.axes = np.linalg.eigh(gram)
        else:
            span, triangle = np.linalg.qr(((X - self.mean) * root).T)
            self.spread, turn = np.linalg.eigh(triangle @ triangle.T)
            self.axes = span @ turn
        self.spread = np.maximum(self.spread, 0) / X.dtype.type(weight.sum())
        self.rotated: Floats | None = None
        if n_rows <= ROTATE_UP_TO * n_features:
            self.rotated = (X - self.mean) @ self.axes

    def scores(self, P: Floats) -> Floats:
        """Compute the linear predictor of parameters `P` for every row and label."""
        Z: Floats
        if self.rotated is not None:
            Z = self.rotated @ P[:-1]
            Z += P[-1]
        else:
            W = self.axes @ P[:-1]
            Z = np.empty((len(self.X), P.shape[1]), dtype=P.dtype)
            for rows in self._blocks():  # centred first to avoid cancellation
                np.matmul(self.X[rows] - self.mean, W, out=Z[rows])
            Z += P[-1]
        return Z

    def gradient(self, R: Floats) -> Floats:
        """Convert the gradient by the linear predictor to the gradient by the parameters."""
        total = R.sum(axis=0)
        if self.rotated is not None:
            return np.vstack([self.rotated.T @ R, total])
        G = np.zeros((self.X.shape[1], R.shape[1]), dtype=R.dtype)
        for rows in self._blocks():
            G += (self.X[rows] - self.mean).T @ R[rows]
        return np.vstack([self.axes.T @ G, total])

    def _blocks(self) -> Iterator[slice]:
        for start in range(0, len(self.X), BLOCK_ROWS):
            yield slice(start, start + BLOCK_ROWS)

    def coefficients(self, P: Floats) -> tuple[Floats, Floats]:
        """Return coefficients (n_labels, n_features) and intercepts (n_labels,) of the features."""
        W = self.axes @ P[:-1]
        return raw_coefficients(W.T, P[-1], self.mean, self.X.dtype)


@dataclass(frozen=True)
class SoftmaxProblem:
    """Objective: C * (weighted sum of log losses) + half the squared norm of all coefficients.

    The intercepts are not penalised, as in scikit-learn.

    Attributes
    ----------
    basis : SharedBasis
    classes : ndarray of int of shape (n_rows,)
        The class of each row, 0 to n_classes - 1; every class occurs.
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
        """Return the parameters that predict the class frequencies."""
        share = np.bincount(self.classes, self.weight)
        P = np.zeros((len(self.basis.spread) + 1, len(share)), dtype=self.weight.dtype)
        P[-1] = np.log(share / share.sum())
        return P

    def scores(self, P: Floats) -> Floats:
        """Compute the logits."""
        return self.basis.scores(P)

    def fit(self, Z: Floats) -> tuple[NDArray[np.float64], Floats]:
        """Compute C times the loss, of shape (1,), and its gradient by the logits."""
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
        """Convert the gradient by the logits to the gradient by the parameters."""
        return self.basis.gradient(slope)

    def preconditioner(self, Z: Floats, P: Floats) -> DiagonalPreconditioner:
        """Compute the diagonal preconditioner, ignoring the coupling between classes."""
        probability = softmax(Z, axis=1)
        mass = self.C * (self.weight[:, None] * probability * (1 - probability)).sum(axis=0)
        mass = np.maximum(mass, np.finfo(Z.dtype).eps)
        curvature = np.outer(self.basis.spread, mass) + 1
        return DiagonalPreconditioner(np.vstack([1 / curvature, 1 / mass]).astype(Z.dtype))

    def newton_step(self, Z: Floats, P: Floats, G: Floats) -> None:
        """Return None: Newton steps are not supported."""
        return

    def keep(self, columns: Mask) -> Self:
        """Return the problem itself, which is a single function."""
        return self


ROTATE_CLASSES_UP_TO = 64
FLAT = 1e-10  # relative curvature below which it is rounding, in double precision
MIN_CURVATURE = 1e-6  # relative to the start, to avoid division by zero


@dataclass(frozen=True)
class SoftmaxGroups:
    """Objective per regression: C * (weighted sum of log losses) + half the squared norm.

    The intercepts are not penalised, as in scikit-learn.

    Attributes
    ----------
    basis : SharedBasis
    mass : ndarray of shape (n_rows, n_classes, n_groups)
        The weight of a row as an example of a class; a row may have several classes or none.
    possible : ndarray of bool of shape (n_classes, n_groups)
        Whether a regression has the class, and thus examples of it.
    C : ndarray of shape (n_groups,)
    axes : ndarray of shape (n_groups, n_classes, n_classes), or None
        Orthonormal directions of class space, one per column; None: the classes themselves.
    bend : ndarray of shape (n_classes, n_groups)
        Second derivative of the loss along each direction at the start.
    """

    basis: SharedBasis
    mass: Floats
    possible: Mask
    C: Floats
    axes: Floats | None
    bend: Floats
    joint = False
    newton = False
    kinked = False

    @cached_property
    def by_row(self) -> Floats:
        """Return the total weight (n_rows, 1, n_groups) of each row."""
        weights: Floats = self.mass.sum(axis=1, keepdims=True)
        return weights

    @property
    def n_free(self) -> int:
        """Return the number of intercepts."""
        return len(self.possible)

    def start(self) -> Floats:
        """Return the parameters that predict the class frequencies."""
        share = np.where(self.possible, self.mass.sum(axis=0), 1)
        share /= share.sum(axis=0)
        P = np.zeros((len(self.basis.spread) + 1, *self.possible.shape), dtype=self.mass.dtype)
        P[-1] = np.log(share)
        return self._rotated(P).reshape(-1, P.shape[2])

    def scores(self, P: Floats) -> Floats:
        """Compute the logits."""
        of_classes = self.of_classes(P)
        Z = self.basis.scores(of_classes.reshape(len(of_classes), -1))
        return Z.reshape(-1, P.shape[1])

    def of_classes(self, P: Floats) -> Floats:
        """Return the parameters (n_coordinates + 1, n_classes, n_groups) of the classes."""
        return self._rotated(P.reshape(-1, *self.possible.shape), back=True)

    def fit(self, Z: Floats) -> tuple[NDArray[np.float64], Floats]:
        """Compute C times the loss of each regression and its gradient by the logits."""
        logits = Z.reshape(self.mass.shape)
        slope = self._masked(logits)
        highest = slope.max(axis=1, keepdims=True)
        slope = np.exp(slope - highest)
        total = slope.sum(axis=1, keepdims=True)
        losses = (self.by_row * (np.log(total) + highest))[:, 0]
        losses -= np.einsum("ncg,ncg->ng", self.mass, logits)
        slope *= self.by_row / total
        slope -= self.mass
        slope *= self.C
        return self.C * losses.sum(axis=0, dtype=np.float64), slope.reshape(Z.shape)

    def gradient(self, slope: Floats) -> Floats:
        """Convert the gradient by the logits to the gradient by the parameters."""
        of_classes = self.basis.gradient(slope.reshape(len(self.mass), -1))
        G = self._rotated(of_classes.reshape(-1, *self.possible.shape))
        return G.reshape(-1, slope.shape[1])

    def preconditioner(self, Z: Floats, P: Floats) -> DiagonalPreconditioner:
        """Compute the diagonal preconditioner, ignoring the coupling between directions."""
        bend = np.maximum(self._bend(Z), MIN_CURVATURE * self.bend)
        curvature = self.basis.spread[:, None, None] * (self.C * bend) + 1
        # Adding a constant to all logits changes nothing: no step along that direction.
        flat = self.bend <= FLAT * self.bend.max(axis=0)
        of_intercepts = np.where(flat, 0, 1 / np.where(flat, 1, self.C * bend))
        inverse = np.concatenate([1 / curvature, of_intercepts[None]])
        return DiagonalPreconditioner(inverse.reshape(-1, bend.shape[1]).astype(Z.dtype))

    def _bend(self, Z: Floats) -> Floats:
        """Compute the second derivative of the loss along each direction of class space."""
        probability = softmax(self._masked(Z.reshape(self.mass.shape)), axis=1)
        weighted = self.by_row * probability
        if self.axes is None:
            alone: Floats = (weighted * (1 - probability)).sum(axis=0)
            return alone
        along = np.einsum("ncg,gck->nkg", probability, self.axes, optimize=True)
        mean = np.einsum("cg,gck->kg", weighted.sum(axis=0), np.square(self.axes))
        bend: Floats = mean - (self.by_row * np.square(along)).sum(axis=0)
        return bend

    def newton_step(self, Z: Floats, P: Floats, G: Floats) -> None:
        """Return None: Newton steps are not supported."""
        return

    def keep(self, columns: Mask) -> Self:
        """Return the problem of a subset of the regressions."""
        return replace(
            self,
            mass=self.mass[:, :, columns],
            possible=self.possible[:, columns],
            C=self.C[columns],
            axes=None if self.axes is None else self.axes[columns],
            bend=self.bend[:, columns],
        )

    def _rotated(self, P: Floats, back: bool = False) -> Floats:
        """Rotate parameters to the directions of class space of each group, or back."""
        if self.axes is None:
            return P
        axes = self.axes.transpose(0, 2, 1) if back else self.axes
        by_group = np.ascontiguousarray(P.transpose(2, 0, 1)) @ axes
        return np.ascontiguousarray(by_group.transpose(1, 2, 0))

    def _masked(self, logits: Floats) -> Floats:
        return logits if self.possible.all() else np.where(self.possible, logits, -np.inf)


def class_axes(mass: Floats, possible: Mask) -> tuple[Floats | None, Floats]:
    """Compute eigenvectors and eigenvalues of the Hessian in class space at the class frequencies.

    Classes without examples keep unit directions of zero curvature.
    """
    n_classes, n_groups = possible.shape
    total = mass.sum(axis=0)
    if n_classes > ROTATE_CLASSES_UP_TO:
        return None, total * (1 - total / total.sum(axis=0))
    axes = np.tile(np.eye(n_classes, dtype=mass.dtype), (n_groups, 1, 1))
    bend = np.zeros((n_classes, n_groups), dtype=mass.dtype)
    for group in range(n_groups):
        n = possible[:, group].sum()  # these come first
        each = total[:n, group].astype(np.float64)
        curvature = np.diag(each) - np.outer(each, each / each.sum())
        bend[:n, group], axes[group, :n, :n] = np.linalg.eigh(curvature)
    return axes, np.maximum(bend, 0)
