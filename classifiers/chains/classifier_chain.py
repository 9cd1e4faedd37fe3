"""Classifier chains and ensembles of classifier chains."""

from collections.abc import Iterable
from typing import Any, Literal

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.utils import check_random_state

from .._base import (
    Floats,
    GroupedWeightedClassifier,
    TrainingSet,
    WeightedClassifier,
    check_choice,
    check_count,
    check_positive,
    check_share,
    draw_rows,
    member_rngs,
)
from .._meta import binary_problem_solver, row_reader
from ..linear import LogisticBinaryRelevance
from ..model_selection import seeded_folds
from .fitted_chain import (
    Order,
    chain_feature_transform,
    fit_chains,
    fit_out_of_fold_chain,
    label_order,
)


class ClassifierChain(GroupedWeightedClassifier):
    """Classifier chain: each binary classifier also sees the previous labels.

    The classifiers are trained on true labels and predict from predicted ones. With `cv` they are
    trained on out-of-fold predictions, whose distribution matches that at prediction time.

    Parameters
    ----------
    estimator : estimator, default=None
        Binary classifier of each link; None is `LogisticBinaryRelevance()`. The links of a
        `LogisticBinaryRelevance` are fitted together.
    order : "random", "frequency", "dependence" or sequence of int, default=None
        Column indices of the labels in chain order; None is the order of the columns.
        "frequency": by decreasing frequency. "dependence": along the maximum spanning tree of the
        mutual information of labels, so that each label follows one that it depends on.
    cv : int, splitter or iterable of (train, test) rows, default=None
        Folds for out-of-fold chain features; an integer is a number of seeded stratified folds.
        None: train on the true labels.
    chain_method : {"predict", "predict_proba"}, default="predict"
        Whether later links see a predicted label as 0 or 1, or as its probability.
    random_state : int, RandomState instance or None, default=None
        Controls `order="random"` and the folds.
    label_scale : float, default=1.0
        Factor by which the label inputs are multiplied. Larger values weaken the L2 penalty on
        their coefficients, see Notes.

    Attributes
    ----------
    order_ : ndarray of int
        The chain order, as indices of the labels that vary.
    chain_ : Chain
        The fitted models.

    See Also
    --------
    BinaryRelevance : Independent classifiers without a chain.
    ClassifierChainEnsemble : Chains of many orders.
    ProbabilisticClassifierChain : Explores more than one path through the chain.

    Notes
    -----
    With an L2 penalty, the log-odds that a present label adds to another one have a prior standard
    deviation of `label_scale * sqrt(C)`. A penalty chosen for hundreds of standardised features,
    such as C = 1e-3, therefore shrinks the coefficients of 0/1 label inputs to almost nothing, and
    the chain becomes binary relevance. label_scale = 30 gives a standard deviation of about 1. The
    factor has no effect on trees or on models without a penalty.

    References
    ----------
    Read, J., Pfahringer, B., Holmes, G., Frank, E. (2011). Classifier chains for multi-label
    classification. Machine Learning 85(3).
    Senge, R., del Coz, J., Hüllermeier, E. (2013). Rectifying classifier chains for multi-label
    classification. LWA 2013: out-of-fold chain features.
    Zaragoza, J., Sucar, L., Morales, E., Bielza, C., Larrañaga, P. (2011). Bayesian chain
    classifiers for multidimensional classification. IJCAI 2011: the order by dependence.

    Examples
    --------
    >>> from catnocat.classifiers import ClassifierChain
    >>> from sklearn.datasets import make_multilabel_classification
    >>> X, Y = make_multilabel_classification(600, random_state=0)
    >>> model = ClassifierChain().fit(X[:400], Y[:400])
    >>> f"subset accuracy {model.score(X[400:], Y[400:]):.2f}"
    'subset accuracy 0.33'
    """

    def __init__(
        self,
        estimator: Any = None,
        order: Order = None,
        cv: int | Iterable[tuple[Any, Any]] | None = None,
        chain_method: Literal["predict", "predict_proba"] = "predict",
        random_state: Any = None,
        label_scale: float = 1.0,
    ) -> None:
        self.estimator = estimator
        self.order = order
        self.cv = cv
        self.chain_method = chain_method
        self.random_state = random_state
        self.label_scale = label_scale

    @classmethod
    def _unit_test_params(cls) -> dict[str, dict[str, Any]]:
        return {
            "chain": {"estimator": LogisticRegression(tol=1e-12, max_iter=10_000)},
            "random chain": {
                "estimator": LogisticRegression(tol=1e-12, max_iter=10_000),
                "order": "random",
                "cv": 3,
                "chain_method": "predict_proba",
                "random_state": 0,
            },
            "logistic chain": {
                "estimator": LogisticBinaryRelevance(tol=1e-15),
                "order": "frequency",
            },
            "out-of-fold logistic chain": {
                "estimator": LogisticBinaryRelevance(tol=1e-15),
                "order": "dependence",
                "cv": 3,
                "random_state": 0,
            },
        }

    def _check_parameters(self) -> None:
        check_choice("chain_method", self.chain_method, ("predict", "predict_proba"))
        check_positive("label_scale", self.label_scale)

    def _row_reader(self) -> Any:
        return row_reader(self.estimator)

    def _fit_labels(self, training: TrainingSet) -> None:
        rng = check_random_state(self.random_state)
        X, Y, weight = training.X, training.Y, training.sample_weight
        self.order_ = label_order(self.order, Y, weight, self.label_varies_, rng)
        solver = binary_problem_solver(self.estimator, X, weight)
        if self.cv is None:
            self.chain_ = fit_chains(solver, Y, [self.order_], [None], self.label_scale)[0]
        else:
            folds = seeded_folds(self.cv, Y, rng, training.groups)
            to_feature = chain_feature_transform(self.chain_method)
            self.chain_ = fit_out_of_fold_chain(
                solver, X, Y, self.order_, folds, to_feature, self.label_scale
            )

    def _label_probabilities(self, X: Floats) -> Floats:
        return self.chain_.probabilities(X, chain_feature_transform(self.chain_method))


class ClassifierChainEnsemble(WeightedClassifier):
    """Ensemble of classifier chains in random orders; probabilities are averaged.

    With a logistic estimator the links of all chains are fitted together. Chain k is a
    `ClassifierChain(order="random", random_state=seed + k)`, where seed is `random_state`, or drawn
    from it if it is not an integer. So the first chains do not depend on `n_chains`.

    Parameters
    ----------
    estimator : estimator, default=None
        As for `ClassifierChain`.
    n_chains : int, default=10
    max_samples : float, default=1.0
        Fraction of the training images that each chain is fitted to, drawn without replacement.
    chain_method : {"predict", "predict_proba"}, default="predict"
        As for `ClassifierChain`.
    random_state : int, RandomState instance or None, default=None
        Controls the orders and the sampled images.
    label_scale : float, default=1.0
        As for `ClassifierChain`.

    Attributes
    ----------
    chains_ : list of Chain
        The fitted chains; the `order` of each holds indices of the labels that vary.

    See Also
    --------
    ClassifierChain : A single chain.

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

    @classmethod
    def _unit_test_params(cls) -> dict[str, dict[str, Any]]:
        return {
            "chain ensemble": {
                "estimator": LogisticBinaryRelevance(tol=1e-15),
                "n_chains": 3,
                "random_state": 0,
            },
        }

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
        for rng in member_rngs(self.random_state, self.n_chains):
            orders.append(label_order("random", Y, weight, self.label_varies_, rng))
            rows.append(draw_rows(len(X), self.max_samples, rng))
        solver = binary_problem_solver(self.estimator, X, weight)
        self.chains_ = fit_chains(solver, Y, orders, rows, self.label_scale)

    def _label_probabilities(self, X: Floats) -> Floats:
        to_feature = chain_feature_transform(self.chain_method)
        P: Floats = np.zeros((len(X), len(self.chains_[0].order)), dtype=X.dtype)
        for chain in self.chains_:
            P += chain.probabilities(X, to_feature)
        return P / len(self.chains_)
