"""Regression onto a few directions of label space that the features can tell best."""

from typing import Any

import numpy as np

from ._base import MultiLabelClassifier, TrainingSet
from ._parameters import check_count, check_positive, check_share
from ._targets import Floats


class ConditionalPrincipalLabelSpace(MultiLabelClassifier):
    """Conditional principal label space transformation (CPLST).

    The label vectors, less their mean, are projected onto the directions that keep most of what
    a ridge regression on the features explains; that regression predicts the projections, and the
    same directions carry them back. With all directions it is ridge regression of each label.

    Parameters
    ----------
    n_components : int or float, default=0.5
        The number of directions, or their share of the labels, rounded up; never more than there
        are labels.
    alpha : float, default=1.0
        Ridge penalty. 1 suits standardised features; the paper's closed form is the limit of 0.

    Attributes
    ----------
    components_ : ndarray of shape (n_components, n_varying_labels)
        Orthonormal directions, the best first.
    explained_ : ndarray of shape (n_components,)
        Sum of squares each direction keeps of what the regression explains.
    coef_ : ndarray of shape (n_varying_labels, n_features)
    intercept_ : ndarray of shape (n_varying_labels,)

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

    def _fit_labels(self, training: TrainingSet) -> None:
        n_components = self._n_components(training.Y.shape[1])
        check_positive("alpha", self.alpha)
        dtype = training.X.dtype
        X = training.X.astype(np.float64)  # squares of raw features in float32 lose the penalty
        x_mean, y_mean = X.mean(axis=0), training.Y.mean(axis=0)
        X -= x_mean
        Z = training.Y - y_mean
        W = _ridge(X, Z, self.alpha)
        # What the regression explains of the labels: Z'HZ, H the regression's hat matrix.
        explained = Z.T @ (X @ W)
        spread, directions = np.linalg.eigh((explained + explained.T) / 2)
        best = slice(None, -n_components - 1, -1)
        self.components_, self.explained_ = directions.T[best], spread[best]
        coef = (W @ self.components_.T @ self.components_).T
        self.intercept_ = (y_mean - coef @ x_mean).astype(dtype)
        self.coef_ = coef.astype(dtype)

    def _label_probabilities(self, X: Floats) -> Floats:
        scores: Floats = X @ self.coef_.T + self.intercept_
        return scores

    def _n_components(self, n_labels: int) -> int:
        if isinstance(self.n_components, float):
            check_share("n_components", self.n_components)
            return int(np.ceil(self.n_components * n_labels))
        check_count("n_components", self.n_components)
        return min(self.n_components, n_labels)


def _ridge(X: Floats, Y: Floats, alpha: float) -> Any:
    """Give the ridge coefficients (n_features, n_labels) by the smaller of the two systems."""
    if X.shape[0] > X.shape[1]:
        gram = X.T @ X
        gram[np.diag_indices_from(gram)] += alpha
        return np.linalg.solve(gram, X.T @ Y)
    gram = X @ X.T
    gram[np.diag_indices_from(gram)] += alpha
    return X.T @ np.linalg.solve(gram, Y)
