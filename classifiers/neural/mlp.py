"""Multi-layer perceptron with early stopping on the multi-label log loss."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.neural_network import MLPClassifier

from .._base import (
    Floats,
    Labels,
    MultiLabelClassifier,
    TrainingSet,
    check_count,
    check_number,
    check_positive,
)
from ..model_selection import held_out_split

MAX_MEAN = 64  # in standard deviations; features with larger means are centred


class MultiLabelMLP(MultiLabelClassifier):
    """Multi-layer perceptron with one output per label and shared hidden layers.

    It is trained by Adam on the log loss of all labels. Early stopping in scikit-learn monitors the
    subset accuracy, which is uninformative with many labels. This class monitors the log loss on a
    stratified split of the training images and keeps the weights of the best epoch. Features are
    not scaled; standardise those of very different scales.

    Parameters
    ----------
    hidden_layer_sizes : sequence of int, default=(256,)
    alpha : float, default=1e-4
        L2 penalty of the weights.
    learning_rate_init : float, default=1e-3
    max_epochs : int, default=200
    validation_fraction : float, default=0.1
        Fraction of the training images held out for early stopping. If 0, or fewer than two images,
        all epochs are run.
    patience : int, default=10
        Number of epochs without improvement after which training stops.
    random_state : int, RandomState instance or None, default=None

    Attributes
    ----------
    center_ : ndarray of shape (n_features,)
        The mean of features with large means, which is subtracted; 0 for other features.
    network_ : MLPClassifier
    n_epochs_ : int
        The number of the best epoch.

    References
    ----------
    Nam, J., Kim, J., Loza Mencía, E., Gurevych, I., Fürnkranz, J. (2014). Large-scale multi-label
    text classification: revisiting neural networks. ECML PKDD 2014.

    Examples
    --------
    >>> from catnocat.classifiers import MultiLabelMLP
    >>> from sklearn.datasets import make_multilabel_classification
    >>> from sklearn.metrics import label_ranking_average_precision_score
    >>> X, Y = make_multilabel_classification(600, random_state=0)
    >>> model = MultiLabelMLP(random_state=0).fit(X[:400], Y[:400])
    >>> P = model.predict_proba(X[400:])
    >>> f"{label_ranking_average_precision_score(Y[400:], P):.2f}"
    '0.95'
    """

    __metadata_request__fit: ClassVar = {"groups": True}  # inner folds need no further request

    def __init__(
        self,
        hidden_layer_sizes: Sequence[int] = (256,),
        alpha: float = 1e-4,
        learning_rate_init: float = 1e-3,
        max_epochs: int = 200,
        validation_fraction: float = 0.1,
        patience: int = 10,
        random_state: Any = None,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.alpha = alpha
        self.learning_rate_init = learning_rate_init
        self.max_epochs = max_epochs
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.random_state = random_state

    @classmethod
    def _unit_test_params(cls) -> dict[str, dict[str, Any]]:
        return {
            "mlp": {
                "hidden_layer_sizes": (20,),
                "learning_rate_init": 0.02,
                "max_epochs": 30,
                "random_state": 0,
            },
        }

    def fit(self, X: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None) -> Self:
        """Fit to images whose labels are known.

        Parameters
        ----------
        X : array-like of shape (n_images, n_features)
        y : array-like or sparse matrix of shape (n_images, n_labels)
            1 where the image shows the label, else 0. A vector of two values is one label.
        groups : array-like of shape (n_images,), default=None
            Images of one group are all held out or all used for training.

        Returns
        -------
        self
        """
        return self._fit_checked(X, y, groups=groups)

    def _check_parameters(self) -> None:
        check_count("max_epochs", self.max_epochs)
        check_count("patience", self.patience)
        check_positive("learning_rate_init", self.learning_rate_init)
        check_number("alpha", self.alpha, at_least=0)
        check_number("validation_fraction", self.validation_fraction, at_least=0, below=1)
        if not isinstance(self.hidden_layer_sizes, Iterable):
            raise ValueError(
                f"hidden_layer_sizes must be a sequence, got {self.hidden_layer_sizes!r}."
            )
        for size in self.hidden_layer_sizes:
            check_count("hidden_layer_sizes", size)

    def _fit_labels(self, training: TrainingSet) -> None:
        train, test = self._split(training.Y, training.groups)
        self.center_ = _center(training.X)
        X, Y = training.X[train] - self.center_, training.Y[train]
        X_test, Y_test = training.X[test], training.Y[test]
        self.network_ = MLPClassifier(
            tuple(self.hidden_layer_sizes),
            alpha=self.alpha,
            learning_rate_init=self.learning_rate_init,
            random_state=self.random_state,
        )
        target = Y[:, 0] if Y.shape[1] == 1 else Y
        best, self.n_epochs_ = np.inf, 0
        for epoch in range(1, self.max_epochs + 1):
            self.network_.partial_fit(X, target, classes=np.arange(max(2, Y.shape[1])))
            loss = -float(epoch)  # without held-out images, the last epoch is the best
            if len(test):
                loss = _log_loss(Y_test, self._label_probabilities(X_test))
            if loss < best:
                best, self.n_epochs_ = loss, epoch
                layers = (self.network_.coefs_, self.network_.intercepts_)
                weights = [[layer.copy() for layer in kind] for kind in layers]
            elif epoch - self.n_epochs_ >= self.patience:
                break
        self.network_.coefs_, self.network_.intercepts_ = weights

    def _label_probabilities(self, X: Floats) -> Floats:
        probabilities: Floats = self.network_.predict_proba(X - self.center_)
        return probabilities[:, 1:] if self.network_.n_outputs_ == 1 else probabilities

    def _split(self, Y: Labels, groups: Any) -> tuple[Any, Any]:
        if self.validation_fraction * len(Y) < 2:
            return np.arange(len(Y)), np.empty(0, dtype=np.intp)
        return held_out_split(Y, self.validation_fraction, self.random_state, groups)


def _center(X: Floats) -> Floats:
    """Return the mean of features whose differences would lose precision, and 0 for others."""
    mean, spread = X.mean(axis=0, dtype=np.float64), X.std(axis=0, dtype=np.float64)
    center: Floats = np.where(np.abs(mean) > MAX_MEAN * spread, mean, 0).astype(X.dtype)
    return center


def _log_loss(Y: Labels, P: Floats) -> float:
    probability = np.where(Y, P, 1 - P)
    return float(-np.log(np.maximum(probability, np.finfo(P.dtype).tiny)).mean())
