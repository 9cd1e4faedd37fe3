"""Linear models that decide by a margin and learn afterwards how probable it makes a label."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from ._base import MultiLabelClassifier
from ._sigmoid import fit_slopes
from ._targets import Floats


class MarginClassifier(MultiLabelClassifier):
    """Base class: a subclass finds `coef_` and `intercept_`, then calls `_calibrate`.

    A margin above 0 is a yes and a probability above one half. The log-odds rise in proportion to
    the margin, by one slope where it is below 0 and by another above.
    """

    coef_: Floats
    intercept_: Floats
    slopes_: NDArray[np.float64]

    def decision_function(self, X: ArrayLike) -> Floats:
        """Give the margin of each label: above 0 is a yes.

        Parameters
        ----------
        X : array-like of shape (n_images, n_features)

        Returns
        -------
        ndarray of shape (n_images, n_labels)
            A constant label's is 1 or -1. After a fit to a vector: of shape (n_images,).
        """
        rows = self._check_rows(X)
        margins = np.empty((len(rows), len(self.label_varies_)), dtype=rows.dtype)
        margins[:] = 2 * self.constant_values_ - 1
        if self.label_varies_.any():
            margins[:, self.label_varies_] = self._margins(rows)
        return margins[:, 0] if self._is_vector else margins

    def _margins(self, X: Floats) -> Floats:
        margins: Floats = X @ self.coef_.T + self.intercept_
        return margins

    def _label_probabilities(self, X: Floats) -> Floats:
        margins = self._margins(X).astype(np.float64)
        below, above = self.slopes_
        chances: Floats = expit(margins * np.where(margins < 0, below, above))
        return chances

    def _calibrate(self, margins: Floats, Y: NDArray[Any], weight: Floats) -> None:
        """Learn how probable a margin makes its label, from rows that its model did not see.

        Parameters
        ----------
        margins, Y : ndarray of shape (n_rows, n_varying_labels)
        weight : ndarray of shape (n_rows, n_varying_labels)
            0 where a margin counts for nothing.
        """
        self.slopes_ = np.ones((2, Y.shape[1]))
        for label in range(Y.shape[1]):
            counted = weight[:, label] > 0
            y = Y[counted, label].astype(np.float64)
            if 0 < y.sum() < len(y):
                score, w = margins[counted, label], weight[counted, label]
                self.slopes_[:, label] = fit_slopes(score, y, w)
