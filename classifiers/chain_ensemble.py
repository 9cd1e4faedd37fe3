"""Chains of many orders, averaged."""

from typing import Any, Literal

import numpy as np

from ._base import TrainingSet, WeightedClassifier
from ._chain import fit_chains, hand_on_by
from ._label_order import label_order
from ._logistic_questions import questioner, row_reader
from ._members import draw_rows, member_streams
from ._parameters import check_choice, check_count, check_positive, check_share
from ._targets import Floats


class ClassifierChainEnsemble(WeightedClassifier):
    """The mean probabilities of classifier chains in random orders.

    With a logistic estimator the links of all chains are solved together. Chain number k is a
    `ClassifierChain(order="random", random_state=seed + k)`, where seed is `random_state`, or drawn
    from it if that is no number; so more chains leave the first ones as they are.

    Parameters
    ----------
    estimator : estimator, default=None
        As for `ClassifierChain`.
    n_chains : int, default=10
    max_samples : float, default=1.0
        Share of the training images each chain learns from, drawn without replacement; 1 is all.
    chain_method : {"predict", "predict_proba"}, default="predict"
        As for `ClassifierChain`.
    random_state : int, RandomState instance or None, default=None
        For the orders and the images drawn.
    label_scale : float, default=1.0
        As for `ClassifierChain`.

    Attributes
    ----------
    chains_ : list of Chain
        The fitted chains; the `order` of each in numbers of the labels that vary.

    See Also
    --------
    ClassifierChain : One of them.

    References
    ----------
    Read, J., Pfahringer, B., Holmes, G., Frank, E. (2011). Classifier chains for multi-label
    classification. Machine Learning 85(3).

    Examples
    --------
    >>> from catnocat.classifiers import ClassifierChainEnsemble
    >>> from sklearn.datasets import make_multilabel_classification
    >>> X, Y = make_multilabel_classification(600, random_state=0)
    >>> model = ClassifierChainEnsemble(random_state=0).fit(X[:400], Y[:400])
    >>> f"subset accuracy {model.score(X[400:], Y[400:]):.2f}"
    'subset accuracy 0.34'
    """

    def __init__(
        self,
        estimator: Any = None,
        n_chains: int = 10,
        max_samples: float = 1.0,
        chain_method: Literal["predict", "predict_proba"] = "predict",
        random_state: Any = None,
        label_scale: float = 1.0,
    ) -> None:
        self.estimator = estimator
        self.n_chains = n_chains
        self.max_samples = max_samples
        self.chain_method = chain_method
        self.random_state = random_state
        self.label_scale = label_scale

    def _check_parameters(self) -> None:
        check_count("n_chains", self.n_chains)
        check_share("max_samples", self.max_samples)
        check_choice("chain_method", self.chain_method, ("predict", "predict_proba"))
        check_positive("label_scale", self.label_scale)

    def _row_reader(self) -> Any:
        return row_reader(self.estimator)

    def _fit_labels(self, training: TrainingSet) -> None:
        X, Y, weight = training.X, training.Y, training.sample_weight
        orders, rows = [], []
        for rng in member_streams(self.random_state, self.n_chains):
            orders.append(label_order("random", Y, weight, self.label_varies_, rng))
            rows.append(draw_rows(len(X), self.max_samples, rng))
        ask = questioner(self.estimator, X, weight)
        self.chains_ = fit_chains(ask, Y, orders, rows, self.label_scale)

    def _label_probabilities(self, X: Floats) -> Floats:
        hand_on = hand_on_by(self.chain_method)
        P: Floats = np.zeros((len(X), len(self.chains_[0].order)), dtype=X.dtype)
        for chain in self.chains_:
            P += chain.probabilities(X, hand_on)
        return P / len(self.chains_)
