"""Conditional principal label space transformation: label space dimension reduction."""

from typing import Any

import numpy as np

from ._base import (
    MarginClassifier,
    TrainingSet,
    check_count,
    check_positive,
    check_share,
    raw_coefficients,
)
from ._solvers import compute_svd

EPSILON = np.finfo(np.float64).eps


class ConditionalPrincipalLabelSpace(MarginClassifier):
    """Conditional principal label space transformation (CPLST).

    The centred label vectors are projected onto the orthonormal directions that retain most of
    the variance explained by a ridge regression on the features. The regression predicts the
    projections, which are mapped back to labels by the transpose. With all directions this is
    ridge regression for each label.

    As in `RidgeBinaryRelevance`, the margins (for targets -1 and +1) are converted to
    probabilities by Platt scaling, fitted to leave-one-out predictions. The paper predicts a label
    where its margin is above 0.

    Parameters
    ----------
    n_components : int or float, default=0.5
        Number of directions, or their fraction of the labels, rounded up; at most the number of
        labels.
    alpha : float, default=1.0
        Ridge penalty. 1 suits standardised features; the paper uses the limit of 0.

    Attributes
    ----------
    components_ : ndarray of shape (n_components, n_varying_labels)
        Orthonormal directions, by decreasing explained sum of squares.
    explained_ : ndarray of shape (n_components,)
        Sum of squares explained by the regression along each direction.
    coef_ : ndarray of shape (n_varying_labels, n_features)
    intercept_ : ndarray of shape (n_varying_labels,)
    slopes_, offsets_ : ndarray of shape (n_varying_labels,)
        Log-odds as a linear function of the margin ``X @ coef_.T + intercept_``.

    See Also
    --------
    RidgeBinaryRelevance : All directions, and a penalty for each label.

    References
    ----------
    Chen, Y.-N., Lin, H.-T. (2012). Feature-aware label space dimension reduction for multi-label
    classification. NIPS 2012.

    Examples
    --------
    >>> from catnocat.classifiers import ConditionalPrincipalLabelSpace
    >>> from sklearn.datasets import make_multilabel_classification
    >>> from sklearn.metrics import label_ranking_average_precision_score
    >>> X, Y = make_multilabel_classification(600, random_state=0)
    >>> model = ConditionalPrincipalLabelSpace().fit(X[:400], Y[:400])
    >>> P = model.predict_proba(X[400:])
    >>> f"{label_ranking_average_precision_score(Y[400:], P):.2f}"
    '0.93'
    """

    def __init__(self, n_components: int | float = 0.5, alpha: float = 1.0) -> None:
        self.n_components = n_components
        self.alpha = alpha

    @classmethod
    def _unit_test_params(cls) -> dict[str, dict[str, Any]]:
        return {
            "cplst": {},
        }

    def _check_parameters(self) -> None:
        check_positive("alpha", self.alpha)

    def _fit_labels(self, training: TrainingSet) -> None:
        n_components = self._n_components(training.Y.shape[1])
        n_rows, dtype = len(training.X), training.X.dtype
        X = training.X.astype(np.float64)  # in float32 the penalty would be lost to rounding
        svd = compute_svd(X, np.ones(n_rows))
        shrink = 1 / (svd.squares + self.alpha)
        mean = training.Y.mean(axis=0)
        Z = training.Y - mean
        coordinates = (X - svd.mean) @ svd.axes
        along = coordinates.T @ Z
        # Explained sum of squares of the labels: Z'HZ with the hat matrix H of the regression.
        spread, directions = np.linalg.eigh(along.T @ (along * shrink[:, None]))
        best = slice(None, -n_components - 1, -1)
        self.components_, self.explained_ = directions.T[best], spread[best]

        kept = self.components_.T @ self.components_  # projects labels onto the directions
        regression = along * shrink[:, None] @ kept
        coef = 2 * (svd.axes @ regression).T  # for targets -1 and +1
        self.coef_, self.intercept_ = raw_coefficients(coef, 2 * mean - 1, svd.mean, dtype)
        # A leave-one-out residual is the residual divided by (1 - leverage). The remainder of
        # label space is predicted by its mean.
        leverage = np.minimum(np.square(coordinates) @ shrink + 1 / n_rows, 1 - EPSILON)
        gaps = (Z @ kept - coordinates @ regression) / (1 - leverage)[:, None]
        gaps += (Z - Z @ kept) / (1 - 1 / n_rows)
        held_out = 2 * (training.Y - gaps) - 1
        self._calibrate(held_out, training.Y, np.ones(training.Y.shape))

    def _n_components(self, n_labels: int) -> int:
        if isinstance(self.n_components, float):
            check_share("n_components", self.n_components)
            return int(np.ceil(self.n_components * n_labels))
        check_count("n_components", self.n_components)
        return min(self.n_components, n_labels)
