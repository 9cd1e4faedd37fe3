"""Instance-based logistic regression: the inputs are label counts of nearest neighbours."""

from typing import Any

import numpy as np

from .._base import Floats, MultiLabelClassifier, TrainingSet, check_count, check_flag
from .._meta import BinaryProblem, binary_problem_solver
from ..linear import LogisticBinaryRelevance
from .neighbor_table import NeighborTable, count_labels


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
