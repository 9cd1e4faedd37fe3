"""A chain taken as a joint distribution of the labels, asked for the best answer to a score."""

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
from .._meta import Answers, questioner, row_reader
from . import probabilistic_chain as inference
from .fitted_chain import Chain, Order, fit_chains, label_order

CELLS_AT_ONCE = 1 << 22  # of label sets of several images, or of what is reckoned with them


@dataclass(frozen=True)
class WeightedSets:
    """Label sets that stand for the joint distribution of some images' labels.

    Attributes
    ----------
    sets : ndarray of shape (n_images or 1, n_sets, n_labels)
        0 and 1; one row stands for the same sets in all images.
    joint : ndarray of shape (n_images, n_sets)
        The probability of each set by the chain, up to a factor common to an image's sets.
    weight : ndarray of shape (n_images, n_sets)
        The share each set takes in a mean; sums to 1 in each image.
    marginals : ndarray of shape (n_images, n_labels)
    """

    sets: Floats
    joint: Floats
    weight: Floats
    marginals: Floats


def all_sets(chain: Chain, answers: Answers, n_rows: int, dtype: Any) -> WeightedSets:
    """Give every label set: both answers to every question, whatever was answered before."""
    joint = np.ones((n_rows, 1), dtype=dtype)
    sets = np.zeros((1, len(chain.order)), dtype=dtype)
    for label in chain.order:
        chance = answers.grid(label, sets)
        joint = np.hstack([joint * (1 - chance), joint * chance])
        with_label = sets.copy()
        with_label[:, label] = 1
        sets = np.vstack([sets, with_label])
    return WeightedSets(sets[None], joint, joint, joint @ sets)


def beam(chain: Chain, answers: Answers, n_rows: int, dtype: Any, width: int) -> WeightedSets:
    """Follow the `width` most probable beginnings of label sets along the chain."""
    n_labels = len(chain.order)
    joint = np.ones((n_rows, 1), dtype=dtype)
    sets = np.zeros((n_rows, 1, n_labels), dtype=dtype)
    for label in chain.order:
        rows = np.repeat(np.arange(n_rows), sets.shape[1])
        chance = answers.of(label, rows, sets.reshape(-1, n_labels)).reshape(joint.shape)
        joint = np.hstack([joint * (1 - chance), joint * chance])
        best = np.argsort(-joint, axis=1, kind="stable")[:, :width]
        joint = np.take_along_axis(joint, best, axis=1)
        joint /= joint[:, :1]  # hundreds of factors would underflow
        present, beginning = np.divmod(best, sets.shape[1])
        sets = np.take_along_axis(sets, beginning[:, :, None], axis=1)
        sets[:, :, label] = present
    weight = joint / joint.sum(axis=1, keepdims=True)
    return WeightedSets(sets, joint, weight, (weight[:, None, :] @ sets)[:, 0])


def random_sets(
    chain: Chain, answers: Answers, n_rows: int, dtype: Any, draws: NDArray[np.float64]
) -> WeightedSets:
    """Draw label sets along the chain.

    A marginal is the mean of the chances a label had, not of its draws, which varies less. All
    images share the draws: so an answer does not depend on the images beside it.

    Parameters
    ----------
    chain, answers, n_rows, dtype
    draws : ndarray of shape (n_sets, n_labels)
        Uniform in [0, 1).
    """
    n_sets, n_labels = draws.shape
    rows = np.repeat(np.arange(n_rows), n_sets)
    sets = np.zeros((n_rows, n_sets, n_labels), dtype=dtype)
    log_joint = np.zeros((n_rows, n_sets), dtype=dtype)
    marginals = np.empty((n_rows, n_labels), dtype=dtype)
    for label in chain.order:
        chance = answers.of(label, rows, sets.reshape(-1, n_labels)).reshape(n_rows, n_sets)
        marginals[:, label] = chance.mean(axis=1)
        drawn = draws[:, label] < chance
        sets[:, :, label] = drawn
        log_joint += np.log(np.where(drawn, chance, 1 - chance))
    joint = np.exp(log_joint - log_joint.max(axis=1, keepdims=True))
    return WeightedSets(sets, joint, np.full_like(joint, 1 / n_sets), marginals)


def most_probable(found: WeightedSets) -> NDArray[np.bool_]:
    """Give the label set of the highest joint probability: best for subset accuracy."""
    best = found.joint.argmax(axis=1)
    sets = np.broadcast_to(found.sets, (len(best), *found.sets.shape[1:]))
    picked: NDArray[np.bool_] = sets[np.arange(len(best)), best] > 0
    return picked


def best_for_f1(found: WeightedSets) -> NDArray[np.bool_]:
    """Give the label set of the highest expected F1 with the true one.

    For each size k the best answer is the k labels i of the largest sum over s of
    2 P(y_i = 1, |y| = s) / (s + k). No label scores 1 where there is none.

    References
    ----------
    Dembczyński, K., Waegeman, W., Cheng, W., Hüllermeier, E. (2011). An exact algorithm for
    F-measure maximization. NIPS 2011.
    """
    n_rows, n_labels = found.marginals.shape
    gain = _gains(found)
    sizes = np.arange(1, n_labels + 1)
    values = np.zeros((n_rows, n_labels + 1), dtype=gain.dtype)
    values[:, 0] = np.where(found.sets.any(axis=2), 0, found.weight).sum(axis=1)
    falling = -np.sort(-gain, axis=2).cumsum(axis=2)  # [.., k - 1]: of the best k labels
    values[:, 1:] = np.einsum("ikk->ik", falling)
    best = values.argmax(axis=1)
    of_best = gain[np.arange(n_rows), np.maximum(best, 1) - 1]
    ranked = np.argsort(-of_best, axis=1, kind="stable")
    answer = np.zeros((n_rows, n_labels), dtype=bool)
    np.put_along_axis(answer, ranked, sizes <= best[:, None], axis=1)
    return answer


def _gains(found: WeightedSets) -> Floats:
    """Give what each label adds to the expected F1 of an answer of k labels: [image, k - 1, label].

    That is the sum of 2 / (s + k) over the sets of s labels that hold the label.
    """
    n_labels = found.sets.shape[2]
    sizes = found.sets.sum(axis=2)
    counts = np.arange(1, n_labels + 1)
    gains: Floats
    if len(found.sets) > 1:
        shares = (2 * found.weight)[:, None, :] / (sizes[:, None, :] + counts[:, None])
        gains = shares.astype(found.weight.dtype) @ found.sets
        return gains
    # All images share the sets: summed by size first, for these are many.
    with_size = [
        found.weight[:, sizes[0] == size] @ found.sets[0, sizes[0] == size] for size in counts
    ]
    shares = (2 / (counts[:, None] + counts)).astype(found.weight.dtype)
    gains = np.einsum("ks,sil->ikl", shares, np.array(with_size), optimize=True)
    return gains


EXACT_UP_TO = 15  # labels; each more doubles the label sets


class ProbabilisticClassifierChain(WeightedClassifier):
    """A classifier chain whose predictions maximise the expected score that is aimed at.

    The chain is the product rule: it gives every label set a probability. `predict` gives the best
    answer to `target`; `predict_proba` gives the labels' marginal probabilities. Mind that under
    "subset" and "f1" a label may be answered against its own odds.

    Parameters
    ----------
    estimator : estimator, default=None
        As for `ClassifierChain`; needs `predict_proba`.
    order : "random", "frequency", "dependence" or sequence of int, default=None
        As for `ClassifierChain`.
    target : {"subset", "hamming", "f1"}, default="subset"
        "subset": the most probable label set. "hamming": the labels more likely than not. "f1": the
        label set of the highest expected F1.
    inference : {"auto", "exact", "beam", "monte-carlo"}, default="auto"
        "exact" looks at all label sets, up to 15 labels. "beam" follows the most probable ones,
        whose marginals lean to the extremes. "monte-carlo" draws them. "auto" is exact up to 15
        labels, beyond them beam for the most probable label set and Monte Carlo for everything
        that is a mean.
    beam_width : int, default=10
    n_samples : int, default=100
        Label sets drawn by Monte Carlo.
    random_state : int, RandomState instance or None, default=None
        For `order="random"` and Monte Carlo; the draws are made once, by `fit`.
    label_scale : float, default=1.0
        As for `ClassifierChain`.

    Attributes
    ----------
    order_ : ndarray of int
        The chain, in numbers of the labels that vary.
    chain_ : Chain
        The fitted models.
    draws_ : ndarray of shape (n_samples, n_varying_labels)
        The uniform random numbers of Monte Carlo.

    See Also
    --------
    ClassifierChain : Follows one path only, the greedy one.

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
        ask = questioner(self.estimator, X, weight)
        self.chain_ = fit_chains(ask, Y, [self.order_], [None], self.label_scale)[0]

    def _label_probabilities(self, X: Floats) -> Floats:
        return np.concatenate([found.marginals for found in self._weighted_sets(X, "hamming")])

    def _label_decisions(self, X: Floats) -> NDArray[Any]:
        if self.target == "hamming":
            return super()._label_decisions(X)
        best = inference.most_probable if self.target == "subset" else inference.best_for_f1
        return np.concatenate([best(found) for found in self._weighted_sets(X, self.target)])

    def _weighted_sets(self, X: Floats, target: str) -> Iterator[inference.WeightedSets]:
        """Give the weighted label sets of one block of rows after the other."""
        n_labels = len(self.order_)
        kind: str = self.inference
        if kind == "auto" and n_labels <= EXACT_UP_TO:
            kind = "exact"
        elif kind == "auto":
            kind = "beam" if target == "subset" else "monte-carlo"
        cells = {
            "exact": 2 ** min(n_labels, EXACT_UP_TO),  # its sets are all images'
            "beam": 2 * self.beam_width * n_labels,
            "monte-carlo": self.n_samples * n_labels,
        }[kind]
        if target == "f1":
            cells = max(cells, n_labels**2)
        step = max(1, inference.CELLS_AT_ONCE // cells)
        for start in range(0, len(X), step):
            rows = X[start : start + step]
            asked = (self.chain_, self.chain_.links.about(rows), len(rows), X.dtype)
            if kind == "exact":
                yield inference.all_sets(*asked)
            elif kind == "beam":
                yield inference.beam(*asked, self.beam_width)
            else:
                yield inference.random_sets(*asked, self.draws_)
