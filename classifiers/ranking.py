"""Calibrated label ranking: pairwise comparisons of labels and of a calibrating label."""

from typing import Any

import numpy as np

from ._base import Floats, TrainingSet, WeightedClassifier
from ._meta import BinaryProblem, binary_problem_solver, row_reader
from .linear import LogisticBinaryRelevance

VOTES_AT_ONCE = 1 << 22  # rows times comparisons


class CalibratedLabelRanking(WeightedClassifier):
    """Calibrated label ranking: votes of pairwise classifiers and a calibrating label.

    One classifier per pair of labels is fitted to the images that show exactly one of the two. One
    classifier per label compares it with the calibrating label, which separates present from absent
    labels. Each comparison adds its probabilities to the votes of both sides. `predict` returns
    the labels with more votes than the calibrating label; the "probability" of a label is its
    share of the votes of these two.

    Parameters
    ----------
    estimator : estimator, default=None
        Binary classifier of each comparison; None is `LogisticBinaryRelevance()`, with which all
        comparisons are fitted together.

    Attributes
    ----------
    pairs_ : ndarray of int of shape (n_pairs, 2)
        The compared labels, as indices of the labels that vary; labels that always occur together
        share the vote.
    comparisons_ : Models
        The fitted models: one per label, then one per pair.

    See Also
    --------
    BinaryRelevance : The comparisons with the calibrating label only.

    References
    ----------
    Fürnkranz, J., Hüllermeier, E., Loza Mencía, E., Brinker, K. (2008). Multilabel classification
    via calibrated label ranking. Machine Learning 73(2).

    Examples
    --------
    >>> from catnocat.classifiers import CalibratedLabelRanking
    >>> from sklearn.datasets import make_multilabel_classification
    >>> from sklearn.metrics import label_ranking_average_precision_score
    >>> X, Y = make_multilabel_classification(600, random_state=0)
    >>> model = CalibratedLabelRanking().fit(X[:400], Y[:400])
    >>> P = model.predict_proba(X[400:])
    >>> f"{label_ranking_average_precision_score(Y[400:], P):.2f}"
    '0.94'
    """

    def __init__(self, estimator: Any = None) -> None:
        self.estimator = estimator

    @classmethod
    def _unit_test_params(cls) -> dict[str, dict[str, Any]]:
        return {
            "label ranking": {"estimator": LogisticBinaryRelevance(tol=1e-15)},
        }

    def _row_reader(self) -> Any:
        return row_reader(self.estimator)

    def _fit_labels(self, training: TrainingSet) -> None:
        training = training.drop_zero_weights()
        Y = training.Y
        pairs = np.column_stack(np.triu_indices(Y.shape[1], 1))
        differ = [Y[:, first] != Y[:, second] for first, second in pairs]
        compared = np.array([rows.any() for rows in differ], dtype=bool)
        self.pairs_ = pairs[compared]
        problems = [BinaryProblem(y) for y in Y.T]
        for (first, _), rows in zip(pairs, differ, strict=True):
            if rows.any():
                problems.append(BinaryProblem(Y[:, first], rows=rows))
        solver = binary_problem_solver(self.estimator, training.X, training.sample_weight)
        self.comparisons_ = solver.fit(problems)

    def _label_probabilities(self, X: Floats) -> Floats:
        n_labels = int(self.label_varies_.sum())
        step = max(1, VOTES_AT_ONCE // (n_labels + len(self.pairs_)))
        blocks = [X[start : start + step] for start in range(0, len(X), step)]
        return np.concatenate([self._shares(rows, n_labels) for rows in blocks])

    def _shares(self, X: Floats, n_labels: int) -> Floats:
        probabilities = self.comparisons_.probabilities(X)
        above, first_wins = probabilities[:, :n_labels], probabilities[:, n_labels:]
        wins = np.full((n_labels, n_labels, len(X)), 0.5, dtype=X.dtype)
        wins[self.pairs_[:, 0], self.pairs_[:, 1]] = first_wins.T
        wins[self.pairs_[:, 1], self.pairs_[:, 0]] = 1 - first_wins.T
        votes = above + wins.sum(axis=1).T - 0.5  # without the comparison with itself
        of_calibrating = (1 - above).sum(axis=1, keepdims=True)
        shares: Floats = votes / (votes + of_calibrating)
        return shares
