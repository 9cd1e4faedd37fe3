"""Multi-label k-nearest-neighbour classifier."""

from typing import Any

import numpy as np
from scipy.special import expit

from .._base import Floats, MultiLabelClassifier, TrainingSet, check_count, check_positive
from .neighbor_table import NeighborTable, count_labels


class MLkNN(MultiLabelClassifier):
    """ML-kNN: posterior probability of each label given its count among the nearest neighbours.

    Parameters
    ----------
    n_neighbors : int, default=10
        Number of nearest neighbours by Euclidean distance; at most the number of training images.
        A training image is not its own neighbour, but its duplicates may be.
    smoothing : float, default=1.0
        Laplace smoothing, added to every count.

    Attributes
    ----------
    neighbors_ : NeighborTable
    log_odds_ : ndarray of shape (n_neighbors + 1, n_varying_labels)
        Posterior log-odds of a label, given a count of 0, 1, ... among the neighbours.

    References
    ----------
    Zhang, M.-L., Zhou, Z.-H. (2007). ML-KNN: A lazy learning approach to multi-label learning.
    Pattern Recognition 40(7).

    Examples
    --------
    >>> from catnocat.classifiers import MLkNN
    >>> from sklearn.datasets import make_multilabel_classification
    >>> from sklearn.metrics import label_ranking_average_precision_score
    >>> X, Y = make_multilabel_classification(600, random_state=0)
    >>> model = MLkNN().fit(X[:400], Y[:400])
    >>> P = model.predict_proba(X[400:])
    >>> f"{label_ranking_average_precision_score(Y[400:], P):.2f}"
    '0.91'
    """

    def __init__(self, n_neighbors: int = 10, smoothing: float = 1.0) -> None:
        self.n_neighbors = n_neighbors
        self.smoothing = smoothing

    @classmethod
    def _unit_test_params(cls) -> dict[str, dict[str, Any]]:
        return {
            "mlknn": {},
        }

    def _check_parameters(self) -> None:
        check_count("n_neighbors", self.n_neighbors)
        check_positive("smoothing", self.smoothing)

    def _fit_labels(self, training: TrainingSet) -> None:
        X, Y, s = training.X, training.Y, self.smoothing
        self.neighbors_ = NeighborTable(X)
        self.labels_ = Y
        counts = count_labels(self.neighbors_.among_themselves(self.n_neighbors), Y)

        counted = [counts == level for level in range(self.n_neighbors + 1)]
        present = np.array([np.sum(rows & (Y > 0), axis=0) for rows in counted])
        absent = np.array([np.sum(rows, axis=0) for rows in counted]) - present
        n_present, n_absent = present.sum(axis=0), absent.sum(axis=0)
        prior = np.log(s + n_present) - np.log(s + n_absent)
        levels = s * (self.n_neighbors + 1)
        if_present = np.log(s + present) - np.log(levels + n_present)
        if_absent = np.log(s + absent) - np.log(levels + n_absent)
        self.log_odds_ = prior + if_present - if_absent

    def _label_probabilities(self, X: Floats) -> Floats:
        counts = count_labels(self.neighbors_.of(X, self.n_neighbors), self.labels_)
        log_odds = np.take_along_axis(self.log_odds_, counts, axis=0)
        probabilities: Floats = expit(log_odds)
        return probabilities
