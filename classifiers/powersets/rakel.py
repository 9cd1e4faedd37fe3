"""Random k-labelsets: label powersets of small groups of labels."""

from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from .._base import Floats, Labels, TrainingSet, WeightedClassifier, check_count, check_flag
from .label_powerset import LogisticPowerset
from .set_models import EnsembleVotes, SetExamples, fit_set_models, set_row_reader


class RAkEL(WeightedClassifier):
    """Random k-labelsets: a label powerset for each of many small groups of labels.

    The probability of a label is the mean of its marginal probabilities in the groups that contain
    it. `predict` returns the majority vote of the most probable sets of these groups, as in the
    paper; ties are decided by the probability. The two may disagree.

    Parameters
    ----------
    estimator : estimator, default=None
        A multi-class classifier with `predict_proba`; None is `LogisticPowerset()`. Logistic models
        are fitted together on one eigendecomposition of the features.
    labelset_size : int, default=3
        Number of labels in a group; at most the number of labels.
    n_labelsets : int, default=None
        Number of overlapping groups; None is twice the number of labels. It is limited to the
        number of distinct groups, and is at least the number needed to cover all labels.
    overlapping : bool, default=True
        True: RAkELo, random groups, the first of which cover all labels. False: RAkELd, disjoint
        groups, the last of which may be smaller.
    random_state : int, RandomState instance or None, default=None

    Attributes
    ----------
    labelsets_ : list of ndarray of int
        The groups of labels, as indices of the labels that vary.
    models_ : list of SetModel

    See Also
    --------
    LabelPowerset : A single group of all labels.

    References
    ----------
    Tsoumakas, G., Katakis, I., Vlahavas, I. (2011). Random k-labelsets for multilabel
    classification. IEEE Transactions on Knowledge and Data Engineering 23(7).

    Examples
    --------
    >>> from catnocat.classifiers import RAkEL
    >>> from sklearn.datasets import make_multilabel_classification
    >>> X, Y = make_multilabel_classification(600, random_state=0)
    >>> model = RAkEL(random_state=0).fit(X[:400], Y[:400])
    >>> f"subset accuracy {model.score(X[400:], Y[400:]):.2f}"
    'subset accuracy 0.40'
    """

    def __init__(
        self,
        estimator: Any = None,
        labelset_size: int = 3,
        n_labelsets: int | None = None,
        overlapping: bool = True,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.labelset_size = labelset_size
        self.n_labelsets = n_labelsets
        self.overlapping = overlapping
        self.random_state = random_state

    @classmethod
    def _unit_test_params(cls) -> dict[str, dict[str, Any]]:
        return {
            "rakel": {"estimator": LogisticPowerset(tol=1e-15), "random_state": 0},
        }

    def _check_parameters(self) -> None:
        check_count("labelset_size", self.labelset_size)
        if self.n_labelsets is not None:
            check_count("n_labelsets", self.n_labelsets)
        check_flag("overlapping", self.overlapping)

    def _row_reader(self) -> Any:
        return set_row_reader(self.estimator)

    def _fit_labels(self, training: TrainingSet) -> None:
        training = training.drop_zero_weights()
        self.labelsets_ = self._draw(training.Y.shape[1])
        tasks = [_powerset(training.Y[:, labels]) for labels in self.labelsets_]
        self.models_ = fit_set_models(self.estimator, training, tasks)

    def _label_probabilities(self, X: Floats) -> Floats:
        return self._votes(X).shares

    def _label_decisions(self, X: Floats) -> NDArray[Any]:
        return self._votes(X).majority()

    def _votes(self, X: Floats) -> EnsembleVotes:
        return EnsembleVotes.of(X, self.models_, self.labelsets_, int(self.label_varies_.sum()))

    def _draw(self, n_labels: int) -> list[NDArray[np.intp]]:
        """Partition the labels; then, if groups may overlap, draw further distinct groups."""
        rng = check_random_state(self.random_state)
        size = min(self.labelset_size, n_labels)
        shuffled = rng.permutation(n_labels)
        groups = [np.sort(shuffled[k : k + size]) for k in range(0, n_labels, size)]
        if not self.overlapping:
            return groups
        if len(groups[-1]) < size:  # fill up with labels of other groups
            missing = size - len(groups[-1])
            groups[-1] = np.sort(np.concatenate([groups[-1], shuffled[:missing]]))
        n_groups = 2 * n_labels if self.n_labelsets is None else self.n_labelsets
        drawn = {tuple(group) for group in groups}
        while len(groups) < min(n_groups, comb(n_labels, size)):
            group = np.sort(rng.choice(n_labels, size, replace=False))
            if tuple(group) not in drawn:
                drawn.add(tuple(group))
                groups.append(group)
        return groups


def _powerset(Y: Labels) -> SetExamples:
    sets, numbers = np.unique(Y, axis=0, return_inverse=True)
    return SetExamples(np.arange(len(Y)), numbers.ravel(), sets)
