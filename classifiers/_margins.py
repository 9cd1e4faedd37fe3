"""Linear models that decide by a margin and learn afterwards how probable it makes a label."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from ._base import MultiLabelClassifier
from ._linear_scores import linear_scores
from ._sigmoid import fit_rising_line
from ._targets import Floats


class MarginClassifier(MultiLabelClassifier):
    """Base class: a subclass finds `coef_` and `intercept_`, then calls `_calibrate`.

    The log-odds of a label rise in proportion to its margin. Decisions are the probabilities': the
    margin at which a label is as likely as not is seldom 0 where the label is rare.
    """

    coef_: Floats
    intercept_: Floats
    slopes_: NDArray[np.float64]
    offsets_: NDArray[np.float64]

    def decision_function(self, X: ArrayLike) -> Floats:
        """Give how far each margin is above that at which the label is as likely as not.

        Parameters
        ----------
        X : array-like of shape (n_images, n_features)

        Returns
        -------
        ndarray of shape (n_images, n_labels)
            Above 0 is a yes; a constant label's is 1 or -1. After a fit to a vector: of shape
            (n_images,).
        """
        rows = self._check_rows(X)
        margins = np.empty((len(rows), len(self.label_varies_)), dtype=rows.dtype)
        margins[:] = 2 * self.constant_values_ - 1
        if self.label_varies_.any():
            margins[:, self.label_varies_] = self._margins(rows)
        return margins[:, 0] if self._is_vector else margins

    def _margins(self, X: Floats) -> Floats:
        return linear_scores(X, self.coef_, self.intercept_ + self.offsets_ / self.slopes_)

    def _label_probabilities(self, X: Floats) -> Floats:
        chances: Floats = expit(self._margins(X).astype(np.float64) * self.slopes_)
        return chances

    def _label_decisions(self, X: Floats) -> NDArray[Any]:
        return self._margins(X) > 0

    def _calibrate(self, margins: Floats, Y: NDArray[Any], weight: Floats) -> None:
        """Learn how probable a margin makes its label, from rows that its model did not see.

        Parameters
        ----------
        margins, Y : ndarray of shape (n_rows, n_varying_labels)
        weight : ndarray of shape (n_rows, n_varying_labels)
            0 where a margin counts for nothing.
        """
        self.slopes_, self.offsets_ = np.ones(Y.shape[1]), np.zeros(Y.shape[1])
        for label in range(Y.shape[1]):
            counted = weight[:, label] > 0
            y = Y[counted, label].astype(np.float64)
            if 0 < y.sum() < len(y):
                line = fit_rising_line(margins[counted, label], y, weight[counted, label])
                self.slopes_[label], self.offsets_[label] = line
