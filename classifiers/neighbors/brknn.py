"""Binary relevance k-nearest-neighbour classifier."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .._base import Floats, MultiLabelClassifier, TrainingSet, check_choice, check_count
from .neighbor_table import NeighborTable, count_labels


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
