"""Regression onto a few directions of label space that the features can tell best."""

import numpy as np

from ._base import (
    MarginClassifier,
    TrainingSet,
    check_count,
    check_positive,
    check_share,
    raw_coefficients,
)
from ._solvers import decompose

EPSILON = np.finfo(np.float64).eps


class ConditionalPrincipalLabelSpace(MarginClassifier):
    """Conditional principal label space transformation (CPLST).

    The label vectors, less their mean, are projected onto the directions that keep most of what
    a ridge regression on the features explains; that regression predicts the projections, and the
    same directions carry them back. With all directions it is ridge regression of each label.

    As in `RidgeBinaryRelevance` the margins, for targets -1 and +1, become probabilities by Platt's
    curve, learned on what the regression would have said of every image had it not seen that image.
    The paper's own answer is a yes where the margin is above 0.

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
    slopes_, offsets_ : ndarray of shape (n_varying_labels,)
        Of the log-odds, by the margin ``X @ coef_.T + intercept_``.

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

    def _check_parameters(self) -> None:
        check_positive("alpha", self.alpha)

    def _fit_labels(self, training: TrainingSet) -> None:
        n_components = self._n_components(training.Y.shape[1])
        n_rows, dtype = len(training.X), training.X.dtype
        X = training.X.astype(np.float64)  # squares of raw features in float32 lose the penalty
        spectrum = decompose(X, np.ones(n_rows))
        shrink = 1 / (spectrum.squares + self.alpha)
        mean = training.Y.mean(axis=0)
        Z = training.Y - mean
        coordinates = (X - spectrum.mean) @ spectrum.axes
        along = coordinates.T @ Z
        # What the regression explains of the labels: Z'HZ, H the regression's hat matrix.
        spread, directions = np.linalg.eigh(along.T @ (along * shrink[:, None]))
        best = slice(None, -n_components - 1, -1)
        self.components_, self.explained_ = directions.T[best], spread[best]

        kept = self.components_.T @ self.components_  # projects labels onto the directions
        regression = along * shrink[:, None] @ kept
        coef = 2 * (spectrum.axes @ regression).T  # of targets -1 and +1
        self.coef_, self.intercept_ = raw_coefficients(coef, 2 * mean - 1, spectrum.mean, dtype)
        # An error is larger by 1 / (1 - leverage) at a row that was not seen. What the directions
        # leave out is predicted by its mean.
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
