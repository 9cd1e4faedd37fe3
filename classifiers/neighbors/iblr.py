"""Logistic regression on the labels of the nearest neighbours."""

from typing import Any

import numpy as np

from .._base import Floats, MultiLabelClassifier, TrainingSet, check_count, check_flag
from .._meta import Question, questioner
from .neighbor_table import NeighborTable, count_labels


class IBLR(MultiLabelClassifier):
    """Each label by how often the nearest neighbours show every label.

    A training image is never its own neighbour, its duplicates may be.

    Parameters
    ----------
    estimator : estimator, default=None
        The yes/no model of the counts; None is `LogisticBinaryRelevance()`.
    n_neighbors : int, default=10
        Euclidean neighbours asked. With fewer training images, all of them.
    passthrough : bool, default=False
        Whether the models see the features besides the counts (the paper's IBLR-ML+).

    Attributes
    ----------
    neighbors_ : NeighborTable
    models_ : Models
        One per label that varies.

    See Also
    --------
    MLkNN : Looks at one label's neighbours only.

    References
    ----------
    Cheng, W., Hüllermeier, E. (2009). Combining instance-based learning and logistic regression for
    multilabel classification. Machine Learning 76(2-3).

    Examples
    --------
    >>> from catnocat.classifiers import IBLR
    >>> from sklearn.datasets import make_multilabel_classification
    >>> from sklearn.metrics import label_ranking_average_precision_score
    >>> X, Y = make_multilabel_classification(600, random_state=0)
    >>> model = IBLR().fit(X[:400], Y[:400])
    >>> P = model.predict_proba(X[400:])
    >>> f"{label_ranking_average_precision_score(Y[400:], P):.2f}"
    '0.91'
    """

    def __init__(
        self, estimator: Any = None, n_neighbors: int = 10, passthrough: bool = False
    ) -> None:
        self.estimator = estimator
        self.n_neighbors = n_neighbors
        self.passthrough = passthrough

    def _check_parameters(self) -> None:
        check_count("n_neighbors", self.n_neighbors)
        check_flag("passthrough", self.passthrough)

    def _fit_labels(self, training: TrainingSet) -> None:
        X, Y = training.X, training.Y
        self.neighbors_ = NeighborTable(X)
        self.labels_ = Y
        counts = count_labels(self.neighbors_.among_themselves(self.n_neighbors), Y)
        ask = questioner(self.estimator, self._beside_features(X, counts), None)
        self.models_ = ask.fit([Question(y) for y in Y.T])

    def _label_probabilities(self, X: Floats) -> Floats:
        counts = count_labels(self.neighbors_.of(X, self.n_neighbors), self.labels_)
        return self.models_.probabilities(self._beside_features(X, counts))

    def _beside_features(self, X: Floats, counts: Any) -> Floats:
        counts = counts.astype(X.dtype)
        return np.hstack([X, counts]) if self.passthrough else counts
