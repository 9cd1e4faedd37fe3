"""Forests and gradient boosting whose trees predict all labels."""

from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
from scipy.special import expit, logit
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.tree import DecisionTreeRegressor
from sklearn.utils import check_random_state

from ._base import (
    Floats,
    MultiLabelClassifier,
    TrainingSet,
    check_choice,
    check_count,
    check_positive,
)

MIN_SPREAD = 1e-3  # scikit-learn's trees ignore differences below 1e-7
MAX_SPREAD = 1e30  # trees use float32, whose largest value is about 1e38
MAX_DISTANCE = 256.0  # from 0 in spreads; beyond, float32 keeps fewer than 16 bits of differences
ROUNDING = 8.0  # differences up to this many units in the last place are rounding


@dataclass(frozen=True)
class TreeUnits:
    """Offsets and scales of features that would lose precision in scikit-learn's trees.

    Attributes
    ----------
    offset, unit : ndarray of shape (n_features,)
        0 and 1 for features that lose no precision. Units are powers of two, thus exact.
    """

    offset: Floats
    unit: Floats

    @classmethod
    def of(cls, X: Floats) -> Self:
        """Compute the offsets and units of features."""
        low, high = X.min(axis=0).astype(np.float64), X.max(axis=0).astype(np.float64)
        spread, size = high / 2 - low / 2, np.maximum(np.abs(low), np.abs(high))
        constant = spread <= ROUNDING * np.finfo(X.dtype).eps * size
        far = ~constant & (size > MAX_DISTANCE * spread)
        plain = constant | ((spread > MIN_SPREAD) & (spread < MAX_SPREAD))
        unit = np.exp2(np.floor(np.log2(np.where(plain, 1.0, spread))))
        return cls(np.where(far, low, 0.0), unit)

    def read(self, X: Floats) -> Floats:
        """Return the transformed rows in float32."""
        if self.offset.any():
            X = X - self.offset
        if (self.unit != 1).any():
            X = X / self.unit
        return X.astype(np.float32, copy=False)


class MultiLabelForest(MultiLabelClassifier):
    """Forest of randomised trees, each of which predicts all labels.

    Splits minimise the impurity averaged over labels, so related labels share data, and the
    forest costs a fraction of one forest per label.

    Parameters
    ----------
    n_estimators : int, default=100
    kind : {"extra", "random"}, default="extra"
        "extra": random thresholds, each tree is fitted to all images; several times faster with
        dense features. "random": best thresholds, trees are fitted to bootstrap samples.
    max_features : "sqrt", "log2", int, float or None, default="sqrt"
        Number of features considered for a split.
    min_samples_leaf : int, default=1
    n_jobs : int, default=None
        Number of trees grown in parallel, as in joblib.
    random_state : int, RandomState instance or None, default=None

    Attributes
    ----------
    forest_ : ExtraTreesClassifier or RandomForestClassifier
    units_ : TreeUnits
        Transform of features with a very small spread or a large mean.

    References
    ----------
    Kocev, D., Vens, C., Struyf, J., Džeroski, S. (2013). Tree ensembles for predicting structured
    outputs. Pattern Recognition 46(3).
    Geurts, P., Ernst, D., Wehenkel, L. (2006). Extremely randomized trees. Machine Learning 63(1).

    Examples
    --------
    >>> from catnocat.classifiers import MultiLabelForest
    >>> from sklearn.datasets import make_multilabel_classification
    >>> from sklearn.metrics import label_ranking_average_precision_score
    >>> X, Y = make_multilabel_classification(600, random_state=0)
    >>> model = MultiLabelForest(random_state=0).fit(X[:400], Y[:400])
    >>> P = model.predict_proba(X[400:])
    >>> f"{label_ranking_average_precision_score(Y[400:], P):.2f}"
    '0.94'
    """

    def __init__(
        self,
        n_estimators: int = 100,
        kind: Literal["extra", "random"] = "extra",
        max_features: Any = "sqrt",
        min_samples_leaf: int = 1,
        n_jobs: int | None = None,
        random_state: Any = None,
    ) -> None:
        self.n_estimators = n_estimators
        self.kind = kind
        self.max_features = max_features
        self.min_samples_leaf = min_samples_leaf
        self.n_jobs = n_jobs
        self.random_state = random_state

    @classmethod
    def _unit_test_params(cls) -> dict[str, dict[str, Any]]:
        return {
            "forest": {"n_estimators": 20, "random_state": 0},
        }

    def _check_parameters(self) -> None:
        check_choice("kind", self.kind, ("extra", "random"))

    def _fit_labels(self, training: TrainingSet) -> None:
        forest = ExtraTreesClassifier if self.kind == "extra" else RandomForestClassifier
        self.forest_ = forest(
            self.n_estimators,
            max_features=self.max_features,
            min_samples_leaf=self.min_samples_leaf,
            n_jobs=self.n_jobs,
            random_state=self.random_state,
        )
        self.units_ = TreeUnits.of(training.X)
        Y = training.Y
        self.forest_.fit(self.units_.read(training.X), Y[:, 0] if Y.shape[1] == 1 else Y)

    def _label_probabilities(self, X: Floats) -> Floats:
        probabilities = self.forest_.predict_proba(self.units_.read(X))
        each = probabilities if isinstance(probabilities, list) else [probabilities]
        return np.column_stack([of_label[:, 1] for of_label in each])


class MultiLabelBoosting(MultiLabelClassifier):
    """Gradient boosting with one multi-output tree per round.

    Splits minimise the sum of squared residuals over all labels; each leaf then takes one Newton
    step of the log loss per label. A round thus costs one tree, not one per label.

    Parameters
    ----------
    n_rounds : int, default=100
    learning_rate : float, default=0.1
    max_depth : int, default=4
    max_features : "sqrt", "log2", int, float or None, default="sqrt"
        Number of features considered for a split.
    min_samples_leaf : int, default=5
    l2 : float, default=1.0
        Added to the second derivative in each leaf, which shrinks the steps of small leaves.
    random_state : int, RandomState instance or None, default=None
        Controls the features considered for splits.

    Attributes
    ----------
    prior_ : ndarray of shape (n_varying_labels,)
        Initial log-odds of the labels.
    trees_ : list of DecisionTreeRegressor
    units_ : TreeUnits
        As for `MultiLabelForest`.
    leaf_values_ : list of ndarray of shape (n_nodes, n_varying_labels)
        Contribution of each tree to the log-odds.

    References
    ----------
    Friedman, J. (2001). Greedy function approximation: a gradient boosting machine. Annals of
    Statistics 29(5).
    Zhang, Z., Jung, C. (2021). GBDT-MO: Gradient-boosted decision trees for multiple outputs. IEEE
    Transactions on Neural Networks and Learning Systems 32(7).

    Examples
    --------
    >>> from catnocat.classifiers import MultiLabelBoosting
    >>> from sklearn.datasets import make_multilabel_classification
    >>> from sklearn.metrics import label_ranking_average_precision_score
    >>> X, Y = make_multilabel_classification(600, random_state=0)
    >>> model = MultiLabelBoosting(random_state=0).fit(X[:400], Y[:400])
    >>> P = model.predict_proba(X[400:])
    >>> f"{label_ranking_average_precision_score(Y[400:], P):.2f}"
    '0.94'
    """

    def __init__(
        self,
        n_rounds: int = 100,
        learning_rate: float = 0.1,
        max_depth: int = 4,
        max_features: Any = "sqrt",
        min_samples_leaf: int = 5,
        l2: float = 1.0,
        random_state: Any = None,
    ) -> None:
        self.n_rounds = n_rounds
        self.learning_rate = learning_rate
        self.max_depth = max_depth
        self.max_features = max_features
        self.min_samples_leaf = min_samples_leaf
        self.l2 = l2
        self.random_state = random_state

    @classmethod
    def _unit_test_params(cls) -> dict[str, dict[str, Any]]:
        return {
            "boosting": {"n_rounds": 30, "random_state": 0},
        }

    def _check_parameters(self) -> None:
        check_count("n_rounds", self.n_rounds)
        check_positive("learning_rate", self.learning_rate)
        check_positive("l2", self.l2)

    def _fit_labels(self, training: TrainingSet) -> None:
        rng = check_random_state(self.random_state)
        self.units_ = TreeUnits.of(training.X)
        X, Y = self.units_.read(training.X), training.Y
        self.prior_ = logit(Y.mean(axis=0))
        self.trees_, self.leaf_values_ = [], []
        Z = np.tile(self.prior_, (len(Y), 1))
        for _ in range(self.n_rounds):
            probability = expit(Z)
            tree = DecisionTreeRegressor(
                max_depth=self.max_depth,
                max_features=self.max_features,
                min_samples_leaf=self.min_samples_leaf,
                random_state=rng.randint(np.iinfo(np.int32).max),
            )
            residual = Y - probability
            tree.fit(X, residual)
            leaf = tree.apply(X)
            slope = np.zeros((tree.tree_.node_count, Y.shape[1]))
            curvature = np.full_like(slope, self.l2)
            np.add.at(slope, leaf, residual)
            np.add.at(curvature, leaf, probability * (1 - probability))
            self.trees_.append(tree)
            self.leaf_values_.append(self.learning_rate * slope / curvature)
            Z += self.leaf_values_[-1][leaf]

    def _label_probabilities(self, X: Floats) -> Floats:
        Z = np.tile(self.prior_, (len(X), 1))
        rows = self.units_.read(X)
        for tree, values in zip(self.trees_, self.leaf_values_, strict=True):
            Z += values[tree.apply(rows)]
        probabilities: Floats = expit(Z)
        return probabilities
