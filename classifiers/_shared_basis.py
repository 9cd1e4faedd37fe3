"""One factorisation of the features, for all classes of multinomial models."""

from collections.abc import Iterator

import numpy as np

from ._linear_scores import raw_coefficients
from ._targets import Floats

BLOCK_ROWS = 2048
ROTATE_UP_TO = 4  # rows per feature; beyond, a rotated copy of the rows costs more than it saves


class SharedBasis:
    """Orthogonal coordinates in which the centred features are uncorrelated.

    The L2 norm of coefficients is the same in them, while X'X is diagonal. So the curvature of any
    linear model with any penalty is all but diagonal, and every label starts from a
    preconditioner of its own that costs nothing. With fewer rows than features there are only as
    many coordinates as rows. Coefficients carry the intercept as their last row.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_features)
        Kept, not copied when rows are many; may be a memory map.
    row_weight : ndarray of shape (n_rows,), default=None

    Attributes
    ----------
    spread : ndarray of shape (n_coordinates,)
        Weighted mean of squares along each coordinate.
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
        """Give the linear predictor of coefficients `P` for every row and label."""
        Z: Floats
        if self.rotated is not None:
            Z = self.rotated @ P[:-1]
            Z += P[-1]
        else:
            W = self.axes @ P[:-1]
            Z = np.empty((len(self.X), P.shape[1]), dtype=P.dtype)
            for rows in self._blocks():  # centred first: nothing large cancels
                np.matmul(self.X[rows] - self.mean, W, out=Z[rows])
            Z += P[-1]
        return Z

    def gradient(self, R: Floats) -> Floats:
        """Give the derivative by the coefficients, from that by the linear predictor."""
        total = R.sum(axis=0)
        if self.rotated is not None:
            return np.vstack([self.rotated.T @ R, total])
        steep = np.zeros((self.X.shape[1], R.shape[1]), dtype=R.dtype)
        for rows in self._blocks():
            steep += (self.X[rows] - self.mean).T @ R[rows]
        return np.vstack([self.axes.T @ steep, total])

    def _blocks(self) -> Iterator[slice]:
        for start in range(0, len(self.X), BLOCK_ROWS):
            yield slice(start, start + BLOCK_ROWS)

    def coefficients(self, P: Floats) -> tuple[Floats, Floats]:
        """Give coefficients (n_labels, n_features) and intercepts (n_labels,) of the features."""
        W = self.axes @ P[:-1]
        return raw_coefficients(W.T, P[-1], self.mean, self.X.dtype)
