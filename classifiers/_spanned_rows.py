"""Rows of more features than rows, by their coordinates in what they span."""

import numpy as np

from ._centred_rows import CentredRows
from ._linear_scores import raw_coefficients
from ._spectrum import decompose
from ._targets import Floats

WORTH_SPANNING = 8  # features per row: fewer, and finding the span costs more than it saves


class SpannedRows(CentredRows):
    """Centred rows in as many orthogonal coordinates as there are rows, at most.

    Coefficients of penalised models are sums of rows: none is lost, none changes its norm.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_features)
    row_weight : ndarray of shape (n_rows,), default=None
    """

    def __init__(self, X: Floats, row_weight: Floats | None = None) -> None:
        self.spectrum = decompose(X, np.ones(len(X)) if row_weight is None else row_weight)
        self.axes = self.spectrum.axes.astype(X.dtype)
        self.centre = self.spectrum.mean.astype(X.dtype)
        super().__init__((X - self.centre) @ self.axes, row_weight)

    def coefficients(self, P: Floats) -> tuple[Floats, Floats]:
        """Turn coefficients of these rows, the intercepts last, into those of the given ones."""
        along, intercept = super().coefficients(P)
        return raw_coefficients(along @ self.axes.T, intercept, self.centre, self.X.dtype)


def centred_rows(X: Floats, row_weight: Floats | None) -> CentredRows:
    """Give the rows centred, in the fewer coordinates."""
    if len(X) * WORTH_SPANNING <= X.shape[1]:
        return SpannedRows(X, row_weight)
    return CentredRows(X, row_weight)
