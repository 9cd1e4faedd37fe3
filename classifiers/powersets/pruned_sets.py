"""Pruned sets: label powersets without rare sets, and ensembles of them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._base import (
    Floats,
    Labels,
    TrainingSet,
    WeightedClassifier,
    check_count,
    check_share,
    draw_rows,
    member_rngs,
)
from .label_powerset import LogisticPowerset
from .set_models import EnsembleVotes, SetExamples, fit_set_models, set_row_reader


def prune(
    Y: Labels, weight: Floats | None, rows: NDArray[np.intp], rarest: float, n_subsets: int
) -> SetExamples:
    """Prune rare label sets and reassign their rows to frequent subsets.

    A row of a rare set becomes an example of the largest frequent subsets of its set, then of the
    most frequent ones; never of the empty set. If no set is frequent, none is pruned.

    Parameters
    ----------
    Y : ndarray of shape (n_rows, n_labels)
    weight : ndarray of shape (n_rows,), or None
    rows : ndarray of int
        The rows to use.
    rarest : float
        A set is frequent if the total weight of its rows is greater than this.
    n_subsets : int
        Maximum number of subsets of a rare set.
    """
    sets, numbers = np.unique(Y[rows], axis=0, return_inverse=True)
    numbers = numbers.ravel()
    count = np.bincount(numbers, None if weight is None else weight[rows])
    frequent = count > rarest
    if not sets[frequent].any():  # none, or only the empty set
        frequent[:] = True
    kept = np.flatnonzero(frequent)
    sizes = sets.sum(axis=1, dtype=np.intp)
    rank = kept[np.lexsort((-count[kept], -sizes[kept]))]  # the best subsets first
    rank = rank[sizes[rank] > 0]

    number_of_kept = np.cumsum(frequent) - 1
    examples = [(rows[frequent[numbers]], number_of_kept[numbers[frequent[numbers]]])]
    for rare in np.flatnonzero(~frequent):
        within = ~(sets[rank] & ~sets[rare] & 1).any(axis=1)
        of_set = rows[numbers == rare]
        for subset in rank[within][:n_subsets]:
            examples.append((of_set, np.full(len(of_set), number_of_kept[subset])))
    used, of_kept = (np.concatenate(part) for part in zip(*examples, strict=True))
    return SetExamples(used, of_kept, sets[kept])


class PrunedSets(WeightedClassifier):
    """Pruned sets: a multi-class classifier over the frequent label sets.

    Images of rare sets become examples of frequent subsets of their set. `predict` returns the most
    probable label set, `predict_proba` the marginal probabilities of labels.

    Parameters
    ----------
    estimator : estimator, default=None
        A multi-class classifier with `predict_proba`; None is `LogisticPowerset()`.
    pruning : int, default=1
        Sets of at most this many images (or total sample weight) are rare; 0 keeps all. If all
        sets are rare, none is pruned.
    n_subsets : int, default=2
        Number of frequent subsets that an image of a rare set becomes an example of: the largest,
        then the most frequent.

    Attributes
    ----------
    model_ : SetModel
        The fitted model; its `sets` are the frequent label sets.

    See Also
    --------
    LabelPowerset : Keeps all label sets.
    EnsemblePrunedSets : Can predict sets that do not occur in training.

    References
    ----------
    Read, J., Pfahringer, B., Holmes, G. (2008). Multi-label classification using ensembles of
    pruned sets. ICDM 2008: strategy A_b.

    Examples
    --------
    >>> from catnocat.classifiers import PrunedSets
    >>> from sklearn.datasets import make_multilabel_classification
    >>> X, Y = make_multilabel_classification(600, random_state=0)
    >>> model = PrunedSets().fit(X[:400], Y[:400])
    >>> f"subset accuracy {model.score(X[400:], Y[400:]):.2f}"
    'subset accuracy 0.42'
    """

    def __init__(self, estimator: Any = None, pruning: int = 1, n_subsets: int = 2) -> None:
        self.estimator = estimator
        self.pruning = pruning
        self.n_subsets = n_subsets

    @classmethod
    def _unit_test_params(cls) -> dict[str, dict[str, Any]]:
        return {
            "pruned sets": {"estimator": LogisticPowerset(tol=1e-15)},
        }

    def _check_parameters(self) -> None:
        check_count("pruning", self.pruning, at_least=0)
        check_count("n_subsets", self.n_subsets, at_least=0)

    def _row_reader(self) -> Any:
        return set_row_reader(self.estimator)

    def _fit_labels(self, training: TrainingSet) -> None:
        training = training.drop_zero_weights()
        Y, weight = training.Y, training.sample_weight
        task = prune(Y, weight, np.arange(len(Y)), self.pruning, self.n_subsets)
        self.model_ = fit_set_models(self.estimator, training, [task])[0]

    def _label_probabilities(self, X: Floats) -> Floats:
        return self.model_.marginals(X)

    def _label_decisions(self, X: Floats) -> NDArray[Any]:
        best = self.model_.set_probabilities(X).argmax(axis=1)
        decisions: NDArray[np.uint8] = self.model_.sets[best]
        return decisions


class EnsemblePrunedSets(WeightedClassifier):
    """Ensemble of pruned sets, each fitted to a random subset of the images.

    The probability of a label is the mean of the marginal probabilities of the members. `predict`
    returns the majority vote of the members' label sets, as in the paper; ties are decided by the
    probability. The two may disagree.

    Parameters
    ----------
    estimator : estimator, default=None
        As for `PrunedSets`; logistic models are fitted together.
    n_members : int, default=10
    max_samples : float, default=0.63
        Fraction of the training images that each member is fitted to, drawn without replacement.
    pruning, n_subsets : int
        As for `PrunedSets`.
    random_state : int, RandomState instance or None, default=None
        Controls the sampled images.

    Attributes
    ----------
    models_ : list of SetModel

    References
    ----------
    Read, J., Pfahringer, B., Holmes, G. (2008). Multi-label classification using ensembles of
    pruned sets. ICDM 2008.

    Examples
    --------
    >>> from catnocat.classifiers import EnsemblePrunedSets
    >>> from sklearn.datasets import make_multilabel_classification
    >>> X, Y = make_multilabel_classification(600, random_state=0)
    >>> model = EnsemblePrunedSets(random_state=0).fit(X[:400], Y[:400])
    >>> f"subset accuracy {model.score(X[400:], Y[400:]):.2f}"
    'subset accuracy 0.43'
    """

    def __init__(
        self,
        estimator: Any = None,
        n_members: int = 10,
        max_samples: float = 0.63,
        pruning: int = 1,
        n_subsets: int = 2,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.n_members = n_members
        self.max_samples = max_samples
        self.pruning = pruning
        self.n_subsets = n_subsets
        self.random_state = random_state

    @classmethod
    def _unit_test_params(cls) -> dict[str, dict[str, Any]]:
        return {
            "ensemble of pruned sets": {
                "estimator": LogisticPowerset(tol=1e-15),
                "n_members": 2,
                "max_samples": 1.0,
                "random_state": 0,
            },
        }

    def _check_parameters(self) -> None:
        check_count("n_members", self.n_members)
        check_share("max_samples", self.max_samples)
        check_count("pruning", self.pruning, at_least=0)
        check_count("n_subsets", self.n_subsets, at_least=0)

    def _row_reader(self) -> Any:
        return set_row_reader(self.estimator)

    def _fit_labels(self, training: TrainingSet) -> None:
        training = training.drop_zero_weights()
        Y, weight = training.Y, training.sample_weight
        tasks = []
        for rng in member_rngs(self.random_state, self.n_members):
            drawn = draw_rows(len(Y), self.max_samples, rng)
            rows = np.arange(len(Y)) if drawn is None else np.flatnonzero(drawn)
            tasks.append(prune(Y, weight, rows, self.pruning, self.n_subsets))
        self.models_ = fit_set_models(self.estimator, training, tasks)

    def _label_probabilities(self, X: Floats) -> Floats:
        return self._votes(X).shares

    def _label_decisions(self, X: Floats) -> NDArray[Any]:
        return self._votes(X).majority()

    def _votes(self, X: Floats) -> EnsembleVotes:
        n_labels = int(self.label_varies_.sum())
        return EnsembleVotes.of(X, self.models_, [slice(None)] * len(self.models_), n_labels)
