"""Yes/no models in a row, each told about the labels before it."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_random_state

from ._base import MultiLabelClassifier, TrainingSet
from ._parameters import check_choice
from ._targets import Floats
from ._yes_no import YesNo
from .multilabel_splits import MultilabelKFold


class ClassifierChain(MultiLabelClassifier):
    """One yes/no model per label, fed with the features and the labels earlier in the chain.

    The models learn from true labels and predict from predicted ones. With `cv` they learn from
    out-of-fold predictions instead, which look like what they will be given.

    Parameters
    ----------
    estimator : estimator, default=None
        Asked about every label in turn; None is `LogisticRegression()`.
    order : "random" or sequence of int, default=None
        The labels' columns from first to last; None is the order of the columns.
    cv : int or iterable of (train, test) indices, default=None
        Folds for out-of-fold chain features; a number means seeded stratified folds. None: the true
        labels.
    chain_method : {"predict", "predict_proba"}, default="predict"
        Whether a predicted label is handed on as 0 or 1, or as its probability.
    random_state : int, RandomState instance or None, default=None
        For `order="random"` and the folds.

    Attributes
    ----------
    order_ : ndarray of int
        The chain, in numbers of the labels that vary.
    estimators_ : list
        The fitted models in the order of the chain.

    See Also
    --------
    BinaryRelevance : The same without the chain.

    References
    ----------
    Read, J., Pfahringer, B., Holmes, G., Frank, E. (2011). Classifier chains for multi-label
    classification. Machine Learning 85(3).
    Senge, R., del Coz, J., Hüllermeier, E. (2013). Rectifying classifier chains for multi-label
    classification. LWA 2013.

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
        order: Literal["random"] | Sequence[int] | None = None,
        cv: int | Iterable[tuple[Any, Any]] | None = None,
        chain_method: Literal["predict", "predict_proba"] = "predict",
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.order = order
        self.cv = cv
        self.chain_method = chain_method
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Fit the models along the chain.

        Parameters
        ----------
        X : array-like of shape (n_images, n_features)
        y : array-like of shape (n_images, n_labels)
        sample_weight : array-like of shape (n_images,), default=None

        Returns
        -------
        self
        """
        check_choice("chain_method", self.chain_method, ("predict", "predict_proba"))
        return self._fit_checked(X, y, sample_weight)

    def _fit_labels(self, training: TrainingSet) -> None:
        rng = check_random_state(self.random_state)
        self.order_ = self._varying_order(rng)
        folds = self._folds(training, rng)
        n_features = training.X.shape[1]
        inputs = self._room_for_chain(training.X)
        self.estimators_ = []
        for link, label in enumerate(self.order_):
            seen, y = inputs[:, : n_features + link], training.Y[:, label]
            self.estimators_.append(YesNo(self.estimator).fit(seen, y, training.sample_weight))
            if folds is None:
                inputs[:, n_features + link] = y
            elif link + 1 < len(self.order_):
                held_out = self._out_of_fold(seen, y, training.sample_weight, folds)
                inputs[:, n_features + link] = self._handed_on(held_out)

    def _label_probabilities(self, X: Floats) -> Floats:
        inputs = self._room_for_chain(X)
        P = np.empty((len(X), len(self.order_)), dtype=X.dtype)
        for link, (label, model) in enumerate(zip(self.order_, self.estimators_, strict=True)):
            P[:, label] = model.probability(inputs[:, : X.shape[1] + link])
            inputs[:, X.shape[1] + link] = self._handed_on(P[:, label])
        return P

    def _varying_order(self, rng: np.random.RandomState) -> NDArray[np.intp]:
        n_labels = len(self.label_varies_)
        if self.order is None:
            order = np.arange(n_labels)
        elif isinstance(self.order, str):
            if self.order != "random":
                raise ValueError(f"order must be None, 'random' or columns, got {self.order!r}.")
            order = rng.permutation(n_labels)
        else:
            order = np.asarray(self.order)
        if not np.array_equal(np.sort(order), np.arange(n_labels)):
            raise ValueError(f"order must hold each of 0 to {n_labels - 1} once, got {order}.")
        number = np.cumsum(self.label_varies_) - 1  # of a column among those that vary
        varying: NDArray[np.intp] = number[order[self.label_varies_[order]]]
        return varying

    def _folds(self, training: TrainingSet, rng: Any) -> list[tuple[Any, Any]] | None:
        if self.cv is None or not isinstance(self.cv, int):
            return None if self.cv is None else list(self.cv)
        return list(MultilabelKFold(self.cv, random_state=rng).split(training.X, training.Y))

    def _room_for_chain(self, X: Floats) -> Floats:
        # Columns one after the other in memory: the first few of them are no copy.
        inputs = np.empty((len(X), X.shape[1] + len(self.order_)), dtype=X.dtype, order="F")
        inputs[:, : X.shape[1]] = X
        return inputs

    def _out_of_fold(
        self, X: Floats, y: Any, weights: Floats | None, folds: list[tuple[Any, Any]]
    ) -> Floats:
        held_out = np.empty(len(X), dtype=X.dtype)
        for train, test in folds:
            part = None if weights is None else weights[train]
            model = YesNo(self.estimator).fit(X[train], y[train], part)
            held_out[test] = model.probability(X[test])
        return held_out

    def _handed_on(self, probability: Floats) -> Any:
        return probability > 0.5 if self.chain_method == "predict" else probability
