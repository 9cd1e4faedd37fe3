"""Nearest-neighbour classifiers: ML-kNN, BRkNN and instance-based logistic regression."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from .._base import (
    Floats,
    MultiLabelClassifier,
    TrainingSet,
    check_choice,
    check_count,
    check_flag,
    check_positive,
)
from .._meta import BinaryProblem, binary_problem_solver
from ..linear import LogisticBinaryRelevance
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


class BRkNN(MultiLabelClassifier):
    """BRkNN: a label is predicted if most of the nearest neighbours have it.

    Parameters
    ----------
    n_neighbors : int, default=10
        Number of nearest neighbours by Euclidean distance; at most the number of training images.
    extension : {None, "a", "b"}, default=None
        Prediction rule. None: the labels of more than half of the neighbours. "a": as None, but if
        that is no label, the most frequent one among the neighbours. "b": the k most frequent
        labels, where k is the mean number of labels of the neighbours, rounded. Ties are broken by
        column order. Neither extension applies to a single label.

    Attributes
    ----------
    neighbors_ : NeighborTable

    See Also
    --------
    MLkNN : Uses the posterior probability given the number of neighbours with the label.

    References
    ----------
    Spyromitros, E., Tsoumakas, G., Vlahavas, I. (2008). An empirical study of lazy multilabel
    classification algorithms. SETN 2008.

    Examples
    --------
    >>> from catnocat.classifiers import BRkNN
    >>> from sklearn.datasets import make_multilabel_classification
    >>> from sklearn.metrics import f1_score
    >>> X, Y = make_multilabel_classification(600, random_state=0)
    >>> model = BRkNN(extension="b").fit(X[:400], Y[:400])
    >>> f"{f1_score(Y[400:], model.predict(X[400:]), average='micro'):.2f}"
    '0.69'
    """

    def __init__(self, n_neighbors: int = 10, extension: Literal["a", "b"] | None = None) -> None:
        self.n_neighbors = n_neighbors
        self.extension = extension

    @classmethod
    def _unit_test_params(cls) -> dict[str, dict[str, Any]]:
        return {
            "brknn": {"extension": "a"},
        }

    def _check_parameters(self) -> None:
        check_count("n_neighbors", self.n_neighbors)
        check_choice("extension", self.extension, (None, "a", "b"))

    def _fit_labels(self, training: TrainingSet) -> None:
        self.neighbors_ = NeighborTable(training.X)
        self.labels_ = training.Y

    def _label_probabilities(self, X: Floats) -> Floats:
        counts, n_neighbors = self._counts(X)
        shares: Floats = counts.astype(X.dtype) / n_neighbors
        return shares

    def _label_decisions(self, X: Floats) -> NDArray[Any]:
        counts, n_neighbors = self._counts(X)
        decisions = counts * 2 > n_neighbors
        ranked = np.argsort(-counts, axis=1, kind="stable")
        if len(self.label_varies_) == 1:
            return decisions
        if self.extension == "a" and not self.constant_values_.any():
            empty = ~decisions.any(axis=1)
            decisions[empty, ranked[empty, 0]] = True
        elif self.extension == "b":
            sizes = np.floor(counts.sum(axis=1) / n_neighbors + 0.5)
            places = np.argsort(ranked, axis=1)
            decisions = places < sizes[:, None]
        return decisions

    def _counts(self, X: Floats) -> tuple[NDArray[np.intp], int]:
        table = self.neighbors_.of(X, self.n_neighbors)
        return count_labels(table, self.labels_), table.shape[1]


class IBLR(MultiLabelClassifier):
    """IBLR-ML: binary classifiers of the label counts among the nearest neighbours.

    A training image is not its own neighbour, but its duplicates may be.

    Parameters
    ----------
    estimator : estimator, default=None
        Binary classifier of the label counts; None is `LogisticBinaryRelevance()`.
    n_neighbors : int, default=10
        Number of nearest neighbours by Euclidean distance; at most the number of training images.
    passthrough : bool, default=False
        Whether the classifiers also see the features (IBLR-ML+ in the paper).

    Attributes
    ----------
    neighbors_ : NeighborTable
    models_ : Models
        One per label that varies.

    See Also
    --------
    MLkNN : Uses the count of the predicted label only.

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

    @classmethod
    def _unit_test_params(cls) -> dict[str, dict[str, Any]]:
        return {
            "iblr": {"estimator": LogisticBinaryRelevance(tol=1e-15)},
        }

    def _check_parameters(self) -> None:
        check_count("n_neighbors", self.n_neighbors)
        check_flag("passthrough", self.passthrough)

    def _fit_labels(self, training: TrainingSet) -> None:
        X, Y = training.X, training.Y
        self.neighbors_ = NeighborTable(X)
        self.labels_ = Y
        counts = count_labels(self.neighbors_.among_themselves(self.n_neighbors), Y)
        solver = binary_problem_solver(self.estimator, self._inputs(X, counts), None)
        self.models_ = solver.fit([BinaryProblem(y) for y in Y.T])

    def _label_probabilities(self, X: Floats) -> Floats:
        counts = count_labels(self.neighbors_.of(X, self.n_neighbors), self.labels_)
        return self.models_.probabilities(self._inputs(X, counts))

    def _inputs(self, X: Floats, counts: Any) -> Floats:
        counts = counts.astype(X.dtype)
        return np.hstack([X, counts]) if self.passthrough else counts
