"""A chain taken as a joint distribution of the labels, asked for the best answer to a score."""

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from . import _chain_inference as inference
from ._base import TrainingSet, WeightedClassifier
from ._chain import fit_chains
from ._label_order import Order, label_order
from ._logistic_questions import questioner, row_reader
from ._parameters import check_choice, check_count, check_positive
from ._targets import Floats

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
