"""Probabilistic classifier chains: Bayes-optimal predictions from the joint distribution."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from .._base import (
    Floats,
    TrainingSet,
    WeightedClassifier,
    check_choice,
    check_count,
    check_positive,
)
from .._meta import BinaryPredictions, binary_problem_solver, row_reader
from ..linear import LogisticBinaryRelevance
from .fitted_chain import Chain, Order, fit_chains, label_order

CELLS_AT_ONCE = 1 << 22  # values of label sets, or derived from them, held at a time


@dataclass(frozen=True)
class WeightedSets:
    """Weighted label sets that represent or approximate the joint distribution of labels.

    Attributes
    ----------
    sets : ndarray of shape (n_images or 1, n_sets, n_labels)
        0 and 1; a single row means the same sets for all images.
    joint : ndarray of shape (n_images, n_sets)
        The probability of each set, up to a factor per image.
    weight : ndarray of shape (n_images, n_sets)
        Weight of each set in expectations; sums to 1 per image.
    marginals : ndarray of shape (n_images, n_labels)
    """

    sets: Floats
    joint: Floats
    weight: Floats
    marginals: Floats


def all_sets(chain: Chain, predictions: BinaryPredictions, n_rows: int, dtype: Any) -> WeightedSets:
    """Enumerate all label sets with their exact probabilities."""
    joint = np.ones((n_rows, 1), dtype=dtype)
    sets = np.zeros((1, len(chain.order)), dtype=dtype)
    for label in chain.order:
        probability = predictions.grid(label, sets)
        joint = np.hstack([joint * (1 - probability), joint * probability])
        with_label = sets.copy()
        with_label[:, label] = 1
        sets = np.vstack([sets, with_label])
    return WeightedSets(sets[None], joint, joint, joint @ sets)


def beam(
    chain: Chain, predictions: BinaryPredictions, n_rows: int, dtype: Any, width: int
) -> WeightedSets:
    """Find probable label sets by beam search along the chain."""
    n_labels = len(chain.order)
    joint = np.ones((n_rows, 1), dtype=dtype)
    sets = np.zeros((n_rows, 1, n_labels), dtype=dtype)
    for label in chain.order:
        rows = np.repeat(np.arange(n_rows), sets.shape[1])
        probability = predictions.probabilities(label, rows, sets.reshape(-1, n_labels)).reshape(
            joint.shape
        )
        joint = np.hstack([joint * (1 - probability), joint * probability])
        best = np.argsort(-joint, axis=1, kind="stable")[:, :width]
        joint = np.take_along_axis(joint, best, axis=1)
        joint /= joint[:, :1]  # hundreds of factors would underflow
        present, beginning = np.divmod(best, sets.shape[1])
        sets = np.take_along_axis(sets, beginning[:, :, None], axis=1)
        sets[:, :, label] = present
    weight = joint / joint.sum(axis=1, keepdims=True)
    return WeightedSets(sets, joint, weight, (weight[:, None, :] @ sets)[:, 0])


def random_sets(
    chain: Chain,
    predictions: BinaryPredictions,
    n_rows: int,
    dtype: Any,
    draws: NDArray[np.float64],
) -> WeightedSets:
    """Sample label sets along the chain (ancestral sampling).

    A marginal is the mean of the conditional probabilities, which has less variance than the mean
    of the samples. All images share the random numbers, so predictions do not depend on the batch.

    Parameters
    ----------
    chain, predictions, n_rows, dtype
    draws : ndarray of shape (n_sets, n_labels)
        Uniform in [0, 1).
    """
    n_sets, n_labels = draws.shape
    rows = np.repeat(np.arange(n_rows), n_sets)
    sets = np.zeros((n_rows, n_sets, n_labels), dtype=dtype)
    log_joint = np.zeros((n_rows, n_sets), dtype=dtype)
    marginals = np.empty((n_rows, n_labels), dtype=dtype)
    for label in chain.order:
        probability = predictions.probabilities(label, rows, sets.reshape(-1, n_labels)).reshape(
            n_rows, n_sets
        )
        marginals[:, label] = probability.mean(axis=1)
        drawn = draws[:, label] < probability
        sets[:, :, label] = drawn
        log_joint += np.log(np.where(drawn, probability, 1 - probability))
    joint = np.exp(log_joint - log_joint.max(axis=1, keepdims=True))
    return WeightedSets(sets, joint, np.full_like(joint, 1 / n_sets), marginals)


def most_probable(label_sets: WeightedSets) -> NDArray[np.bool_]:
    """Return the label set of highest joint probability, which maximises subset accuracy."""
    best = label_sets.joint.argmax(axis=1)
    sets = np.broadcast_to(label_sets.sets, (len(best), *label_sets.sets.shape[1:]))
    selected: NDArray[np.bool_] = sets[np.arange(len(best)), best] > 0
    return selected


def best_for_f1(label_sets: WeightedSets) -> NDArray[np.bool_]:
    """Return the label set of highest expected F1.

    For each size k, the best prediction is the k labels i with the largest sums over s of
    2 P(y_i = 1, |y| = s) / (s + k). Predicting no label has F1 = 1 if there is none.

    References
    ----------
    Dembczyński, K., Waegeman, W., Cheng, W., Hüllermeier, E. (2011). An exact algorithm for
    F-measure maximization. NIPS 2011.
    """
    n_rows, n_labels = label_sets.marginals.shape
    gain = _gains(label_sets)
    sizes = np.arange(1, n_labels + 1)
    values = np.zeros((n_rows, n_labels + 1), dtype=gain.dtype)
    values[:, 0] = np.where(label_sets.sets.any(axis=2), 0, label_sets.weight).sum(axis=1)
    falling = -np.sort(-gain, axis=2).cumsum(axis=2)  # [.., k - 1]: sum over the best k labels
    values[:, 1:] = np.einsum("ikk->ik", falling)
    best = values.argmax(axis=1)
    of_best = gain[np.arange(n_rows), np.maximum(best, 1) - 1]
    ranked = np.argsort(-of_best, axis=1, kind="stable")
    prediction = np.zeros((n_rows, n_labels), dtype=bool)
    np.put_along_axis(prediction, ranked, sizes <= best[:, None], axis=1)
    return prediction


def _gains(label_sets: WeightedSets) -> Floats:
    """Compute the contribution of each label to the expected F1 of k labels: [image, k - 1, label].

    This is the expectation of 2 / (s + k) over the label sets of size s that contain the label.
    """
    n_labels = label_sets.sets.shape[2]
    sizes = label_sets.sets.sum(axis=2)
    counts = np.arange(1, n_labels + 1)
    gains: Floats
    if len(label_sets.sets) > 1:
        shares = (2 * label_sets.weight)[:, None, :] / (sizes[:, None, :] + counts[:, None])
        gains = shares.astype(label_sets.weight.dtype) @ label_sets.sets
        return gains
    # All images share the sets, which are many: sum over sets of equal size first.
    with_size = [
        label_sets.weight[:, sizes[0] == size] @ label_sets.sets[0, sizes[0] == size]
        for size in counts
    ]
    shares = (2 / (counts[:, None] + counts)).astype(label_sets.weight.dtype)
    gains = np.einsum("ks,sil->ikl", shares, np.array(with_size), optimize=True)
    return gains


EXACT_UP_TO = 15  # labels; each additional one doubles the number of label sets


class ProbabilisticClassifierChain(WeightedClassifier):
    """Probabilistic classifier chain: predictions maximise the expected score of a target.

    By the product rule, the chain gives every label set a probability. `predict` returns the
    optimal label set for `target`; `predict_proba` returns the marginal probabilities of labels.
    With "subset" and "f1", a predicted label may have a marginal probability below 0.5.

    Parameters
    ----------
    estimator : estimator, default=None
        As for `ClassifierChain`; needs `predict_proba`.
    order : "random", "frequency", "dependence" or sequence of int, default=None
        As for `ClassifierChain`.
    target : {"subset", "hamming", "f1"}, default="subset"
        "subset": the most probable label set. "hamming": the labels with marginal probabilities
        above 0.5. "f1": the label set of highest expected F1.
    inference : {"auto", "exact", "beam", "monte-carlo"}, default="auto"
        "exact" enumerates all label sets, for up to 15 labels. "beam" is beam search; its
        marginals are biased towards 0 and 1. "monte-carlo" samples label sets. "auto" is exact
        for up to 15 labels; with more, it uses beam search for the most probable label set and
        Monte Carlo for expectations.
    beam_width : int, default=10
    n_samples : int, default=100
        Number of label sets sampled by Monte Carlo.
    random_state : int, RandomState instance or None, default=None
        Controls `order="random"` and Monte Carlo, whose random numbers are drawn once, by `fit`.
    label_scale : float, default=1.0
        As for `ClassifierChain`.

    Attributes
    ----------
    order_ : ndarray of int
        The chain order, as indices of the labels that vary.
    chain_ : Chain
        The fitted models.
    draws_ : ndarray of shape (n_samples, n_varying_labels)
        The uniform random numbers of Monte Carlo.

    See Also
    --------
    ClassifierChain : Greedy inference along one path.

    References
    ----------
    Dembczyński, K., Cheng, W., Hüllermeier, E. (2010). Bayes optimal multilabel classification via
    probabilistic classifier chains. ICML 2010.
    Dembczyński, K., Waegeman, W., Cheng, W., Hüllermeier, E. (2011). An exact algorithm for
    F-measure maximization. NIPS 2011.
    Kumar, A., Vembu, S., Menon, A., Elkan, C. (2013). Beam search algorithms for multilabel
    learning. Machine Learning 92(1).
    Read, J., Martino, L., Luengo, D. (2014). Efficient Monte Carlo methods for multi-dimensional
    learning with classifier chains. Pattern Recognition 47(3).

    Examples
    --------
    >>> from catnocat.classifiers import ProbabilisticClassifierChain
    >>> from sklearn.datasets import make_multilabel_classification
    >>> X, Y = make_multilabel_classification(600, random_state=0)
    >>> model = ProbabilisticClassifierChain().fit(X[:400], Y[:400])
    >>> f"subset accuracy {model.score(X[400:], Y[400:]):.2f}"
    'subset accuracy 0.34'
    """

    def __init__(
        self,
        estimator: Any = None,
        order: Order = None,
        target: Literal["subset", "hamming", "f1"] = "subset",
        inference: Literal["auto", "exact", "beam", "monte-carlo"] = "auto",
        beam_width: int = 10,
        n_samples: int = 100,
        random_state: Any = None,
        label_scale: float = 1.0,
    ) -> None:
        self.estimator = estimator
        self.order = order
        self.target = target
        self.inference = inference
        self.beam_width = beam_width
        self.n_samples = n_samples
        self.random_state = random_state
        self.label_scale = label_scale

    @classmethod
    def _unit_test_params(cls) -> dict[str, dict[str, Any]]:
        return {
            "probabilistic chain": {
                "estimator": LogisticBinaryRelevance(tol=1e-15),
                "random_state": 0,
            },
        }

    def _check_parameters(self) -> None:
        check_choice("target", self.target, ("subset", "hamming", "f1"))
        check_choice("inference", self.inference, ("auto", "exact", "beam", "monte-carlo"))
        check_count("beam_width", self.beam_width)
        check_count("n_samples", self.n_samples)
        check_positive("label_scale", self.label_scale)

    def _row_reader(self) -> Any:
        return row_reader(self.estimator)

    def _fit_labels(self, training: TrainingSet) -> None:
        rng = check_random_state(self.random_state)
        X, Y, weight = training.X, training.Y, training.sample_weight
        if self.inference == "exact" and Y.shape[1] > EXACT_UP_TO:
            raise ValueError(
                f"inference='exact' takes up to {EXACT_UP_TO} labels that vary, got {Y.shape[1]}; "
                "'auto', 'beam' and 'monte-carlo' take any number."
            )
        self.order_ = label_order(self.order, Y, weight, self.label_varies_, rng)
        self.draws_ = rng.random_sample((self.n_samples, Y.shape[1]))
        solver = binary_problem_solver(self.estimator, X, weight)
        self.chain_ = fit_chains(solver, Y, [self.order_], [None], self.label_scale)[0]

    def _label_probabilities(self, X: Floats) -> Floats:
        return np.concatenate(
            [label_sets.marginals for label_sets in self._weighted_sets(X, "hamming")]
        )

    def _label_decisions(self, X: Floats) -> NDArray[Any]:
        if self.target == "hamming":
            return super()._label_decisions(X)
        best = most_probable if self.target == "subset" else best_for_f1
        return np.concatenate(
            [best(label_sets) for label_sets in self._weighted_sets(X, self.target)]
        )

    def _weighted_sets(self, X: Floats, target: str) -> Iterator[WeightedSets]:
        """Yield the weighted label sets of blocks of rows."""
        n_labels = len(self.order_)
        kind: str = self.inference
        if kind == "auto" and n_labels <= EXACT_UP_TO:
            kind = "exact"
        elif kind == "auto":
            kind = "beam" if target == "subset" else "monte-carlo"
        cells = {
            "exact": 2 ** min(n_labels, EXACT_UP_TO),  # sets are shared by all images
            "beam": 2 * self.beam_width * n_labels,
            "monte-carlo": self.n_samples * n_labels,
        }[kind]
        if target == "f1":
            cells = max(cells, n_labels**2)
        step = max(1, CELLS_AT_ONCE // cells)
        for start in range(0, len(X), step):
            rows = X[start : start + step]
            arguments = (self.chain_, self.chain_.links.predictions_for(rows), len(rows), X.dtype)
            if kind == "exact":
                yield all_sets(*arguments)
            elif kind == "beam":
                yield beam(*arguments, self.beam_width)
            else:
                yield random_sets(*arguments, self.draws_)
