"""Binary relevance with any scikit-learn estimator."""

from typing import Any

import numpy as np
from joblib import Parallel, delayed
from sklearn.linear_model import LogisticRegression

from .._base import BinaryModel, Floats, MissingLabelsClassifier, TrainingSet


class BinaryRelevance(MissingLabelsClassifier):
    """Binary relevance: one independent binary classifier per label.

    Parameters
    ----------
    estimator : estimator, default=None
        Binary classifier that is cloned for each label; None is `LogisticRegression()`.
    n_jobs : int, default=None
        Number of labels fitted in parallel, as in joblib.

    Attributes
    ----------
    estimators_ : list
        One fitted binary classifier per label that varies.

    See Also
    --------
    LogisticBinaryRelevance : Logistic regressions, fitted for all labels together.
    ClassifierChain : Each classifier also sees the previous labels.

    References
    ----------
    Boutell, M., Luo, J., Shen, X., Brown, C. (2004). Learning multi-label scene classification.
    Pattern Recognition 37(9).

    Examples
    --------
    >>> from catnocat.classifiers import BinaryRelevance
    >>> from sklearn.datasets import make_multilabel_classification
    >>> from sklearn.metrics import label_ranking_average_precision_score
    >>> X, Y = make_multilabel_classification(600, random_state=0)
    >>> model = BinaryRelevance().fit(X[:400], Y[:400])
    >>> P = model.predict_proba(X[400:])
    >>> f"{label_ranking_average_precision_score(Y[400:], P):.2f}"
    '0.95'
    """

    def __init__(self, estimator: Any = None, n_jobs: int | None = None) -> None:
        self.estimator = estimator
        self.n_jobs = n_jobs

    @classmethod
    def _unit_test_params(cls) -> dict[str, dict[str, Any]]:
        return {
            "binary relevance": {"estimator": LogisticRegression(tol=1e-12, max_iter=10_000)},
        }

    def _row_reader(self) -> Any:
        return self.estimator

    def _fit_labels(self, training: TrainingSet) -> None:
        fits = (delayed(self._fit_label)(training, j) for j in range(training.Y.shape[1]))
        self.estimators_ = Parallel(n_jobs=self.n_jobs)(fits)

    def _fit_label(self, training: TrainingSet, label: int) -> BinaryModel:
        X, y, weights = training.X, training.Y[:, label], training.sample_weight
        if training.known is not None:
            rows = training.known[:, label]
            X, y = X[rows], y[rows]
            weights = None if weights is None else weights[rows]
        return BinaryModel(self.estimator).fit(X, y, weights)

    def _label_probabilities(self, X: Floats) -> Floats:
        return np.column_stack([model.probability(X) for model in self.estimators_])
