"""Label powersets of small groups of labels."""

from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from .._base import Floats, Labels, TrainingSet, WeightedClassifier, check_count, check_flag
from .set_models import Ballot, SetExamples, fit_set_models, set_row_reader


class RAkEL(WeightedClassifier):
    """Random k-labelsets: a label powerset for each of many small groups of labels.

    A label's probability is the mean of its marginal probabilities in the groups that hold it;
    `predict` takes the labels that most of these groups' most probable sets hold, as the paper
    does, and where votes are even what is more likely than not. The two may differ.

    Parameters
    ----------
    estimator : estimator, default=None
        A multi-class classifier with `predict_proba`; None is `LogisticPowerset()`. Logistic models
        are solved together on one factorisation of the features.
    labelset_size : int, default=3
        Labels in a group; all of them if there are not so many.
    n_labelsets : int, default=None
        Number of overlapping groups; None is twice the number of labels. There are never more than
        there are different groups, nor fewer than it takes to cover all labels.
    overlapping : bool, default=True
        RAkELo: random groups, of which the first cover all labels. False is RAkELd: the labels are
        divided into groups, the last of which may be smaller.
    random_state : int, RandomState instance or None, default=None

    Attributes
    ----------
    labelsets_ : list of ndarray of int
        The groups, in numbers of the labels that vary.
    models_ : list of SetModel

    See Also
    --------
    LabelPowerset : One group of all labels.

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

    def _check_parameters(self) -> None:
        check_count("labelset_size", self.labelset_size)
        if self.n_labelsets is not None:
            check_count("n_labelsets", self.n_labelsets)
        check_flag("overlapping", self.overlapping)

    def _row_reader(self) -> Any:
        return set_row_reader(self.estimator)

    def _fit_labels(self, training: TrainingSet) -> None:
        training = training.weighty_rows()
        self.labelsets_ = self._draw(training.Y.shape[1])
        tasks = [_powerset(training.Y[:, labels]) for labels in self.labelsets_]
        self.models_ = fit_set_models(self.estimator, training, tasks)

    def _label_probabilities(self, X: Floats) -> Floats:
        return self._ballot(X).shares

    def _label_decisions(self, X: Floats) -> NDArray[Any]:
        return self._ballot(X).majority()

    def _ballot(self, X: Floats) -> Ballot:
        return Ballot.of(X, self.models_, self.labelsets_, int(self.label_varies_.sum()))

    def _draw(self, n_labels: int) -> list[NDArray[np.intp]]:
        """Divide the labels; then, if groups may overlap, draw more that are all different."""
        rng = check_random_state(self.random_state)
        size = min(self.labelset_size, n_labels)
        shuffled = rng.permutation(n_labels)
        groups = [np.sort(shuffled[k : k + size]) for k in range(0, n_labels, size)]
        if not self.overlapping:
            return groups
        if len(groups[-1]) < size:  # filled up with labels of the other groups
            missing = size - len(groups[-1])
            groups[-1] = np.sort(np.concatenate([groups[-1], shuffled[:missing]]))
        wanted = 2 * n_labels if self.n_labelsets is None else self.n_labelsets
        drawn = {tuple(group) for group in groups}
        while len(groups) < min(wanted, comb(n_labels, size)):
            group = np.sort(rng.choice(n_labels, size, replace=False))
            if tuple(group) not in drawn:
                drawn.add(tuple(group))
                groups.append(group)
        return groups


def _powerset(Y: Labels) -> SetExamples:
    sets, numbers = np.unique(Y, axis=0, return_inverse=True)
    return SetExamples(np.arange(len(Y)), numbers.ravel(), sets)
