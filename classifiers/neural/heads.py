"""Network heads for all labels, trained with one of several losses."""

import warnings
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.special import expit, softmax
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import StandardScaler
from sklearn.utils import check_random_state

from .._base import (
    Floats,
    GroupedMissingLabelsClassifier,
    Mask,
    TrainingSet,
    check_choice,
    check_count,
    check_flag,
    check_number,
    check_positive,
    linear_scores,
    raw_coefficients,
)
from ..model_selection import held_out_split


@dataclass(frozen=True)
class LabelShares:
    """Targets of the softmax loss.

    Attributes
    ----------
    shares : ndarray of shape (n_rows, n_labels or one more)
        1/k for each of the k labels of a row. If some row has no label, there is a last column
        "none", which is 1 for such rows. All zero if no label is known to be present but some are
        unknown.
    known : ndarray of bool as `shares`, or None
    labels_per_image : float
        Weighted mean number of labels of the rows that have any.
    """

    shares: Floats
    known: Mask | None
    labels_per_image: float

    @classmethod
    def of(cls, training: TrainingSet) -> "LabelShares":
        """Compute the shares from label matrix and mask."""
        present, known = training.Y > 0, training.known
        if known is not None:
            present = present & known
        counts = present.sum(axis=1)
        weight = np.where(counts > 0, 1.0, 0.0)
        if training.sample_weight is not None:
            weight *= training.sample_weight
        none = counts == 0
        if known is not None:
            none &= known.all(axis=1)
        if none.any():
            present = np.column_stack([present, none])
            if known is not None:
                known = np.column_stack([known, np.ones(len(known), dtype=bool)])
        shares = (present / np.maximum(counts, 1)[:, None]).astype(training.X.dtype)
        return cls(shares, known, float(weight @ counts / weight.sum()))


LossName = Literal["softmax", "sigmoid-bce", "sigmoid-mse", "tanh-mse", "asymmetric"]
LOSS_NAMES = ("softmax", "sigmoid-bce", "sigmoid-mse", "tanh-mse", "asymmetric")
BLOCK_ROWS = 4096


class HeadClassifier(GroupedMissingLabelsClassifier):
    """Small network head for all labels, trained with torch and applied with NumPy.

    Features are standardised internally, and the weight decay applies to standardised units. The
    objective is the mean over images of the loss summed over labels, plus ``weight_decay / 2``
    times the squared weights. The losses are:

    - ``"sigmoid-bce"``: cross-entropy of each label. Without a hidden layer these are the
      regressions of `LogisticBinaryRelevance` at ``C = 1 / (weight_decay * n_images)``.
    - ``"sigmoid-mse"``: squared error of the probability, the Brier score. Less sensitive to
      confident errors.
    - ``"tanh-mse"``: squared error of a hyperbolic tangent against -1 and +1; the probability is
      half of one more. The same head as ``"sigmoid-mse"`` at a sixteenth of the weight decay.
    - ``"asymmetric"``: asymmetric loss: the cross-entropy of an absent label is weighted by the
      fourth power of its probability above 0.05. For rankings; probabilities are far too high.
    - ``"softmax"``: cross-entropy with targets of 1/k for each of the k labels of an image, so that
      labels compete. Included for comparison. Images without labels have an additional output
      "none". The probability of a label is that of drawing it at least once in k draws from the
      softmax, where k is the mean number of labels of training images that have any. If each has
      one label, this is the softmax itself. If labels of an image are unknown, the softmax is over
      its known labels.

    Parameters
    ----------
    loss : str, default="sigmoid-bce"
    hidden : int, default=None
        Number of hidden units with hyperbolic tangent activation; None: a linear head.
    weight_decay : float, default=0.1
    batch_size : int, default=None
        None: L-BFGS on all images, until convergence. An integer: Adam on shuffled batches, with
        results that depend on the order of the rows.
    learning_rate : float, default=0.003
        Initial learning rate of Adam.
    max_iter : int, default=500
        Iterations of L-BFGS, or epochs of Adam, whose learning rate decays to zero.
    tol : float, default=1e-7
        L-BFGS has converged when a step decreases the objective by less than this, relative to the
        larger of the objective and 1.
    early_stopping : bool, default=False
        Hold out a stratified sample of training images and keep the head of lowest loss on it. The
        sample depends on the order of the rows.
    validation_fraction : float, default=0.15
        Fraction of images held out for early stopping.
    n_iter_no_change : int, default=10
        Iterations or epochs without improvement after which training stops early.
    random_state : int, RandomState instance or None, default=0
        Controls the hidden layer, the batches and the held-out images. The global generator of
        torch is not used.

    Attributes
    ----------
    coefs_ : list of ndarray of shape (n_inputs, n_outputs)
        Coefficients of each layer, for the original features.
    intercepts_ : list of ndarray of shape (n_outputs,)
    n_iter_ : int
    labels_per_image_ : float
        Only with ``"softmax"``.

    See Also
    --------
    LogisticBinaryRelevance : The linear ``"sigmoid-bce"`` head, without torch.
    LabelCalibrator : Calibrates the scores of ``"asymmetric"`` and ``"softmax"``.

    References
    ----------
    Mahajan, D. et al. (2018). Exploring the limits of weakly supervised pretraining. ECCV 2018: the
    shares. Ridnik, T., Ben-Baruch, E. et al. (2021). Asymmetric loss for multi-label
    classification. ICCV 2021. Glorot, X., Bengio, Y. (2010). Understanding the difficulty of
    training deep feedforward neural networks. AISTATS 2010: squared errors stall where
    cross-entropy does not.

    Examples
    --------
    >>> from catnocat.classifiers import HeadClassifier
    >>> from sklearn.datasets import make_multilabel_classification
    >>> from sklearn.metrics import label_ranking_average_precision_score
    >>> X, Y = make_multilabel_classification(600, random_state=0)
    >>> for loss in ("sigmoid-bce", "softmax"):
    ...     head = HeadClassifier(loss).fit(X[:400], Y[:400])
    ...     P = head.predict_proba(X[400:])
    ...     print(f"{loss}: {label_ranking_average_precision_score(Y[400:], P):.2f}")
    sigmoid-bce: 0.94
    softmax: 0.95
    """

    def __init__(
        self,
        loss: LossName = "sigmoid-bce",
        hidden: int | None = None,
        weight_decay: float = 0.1,
        batch_size: int | None = None,
        learning_rate: float = 3e-3,
        max_iter: int = 500,
        tol: float = 1e-7,
        early_stopping: bool = False,
        validation_fraction: float = 0.15,
        n_iter_no_change: int = 10,
        random_state: Any = 0,
    ) -> None:
        self.loss = loss
        self.hidden = hidden
        self.weight_decay = weight_decay
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.max_iter = max_iter
        self.tol = tol
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.random_state = random_state

    @classmethod
    def _unit_test_params(cls) -> dict[str, dict[str, Any]]:
        return {
            "softmax head": {"loss": "softmax", "tol": 1e-15},
            "sigmoid-bce head": {"tol": 1e-15},
            "sigmoid-mse head": {"loss": "sigmoid-mse", "weight_decay": 0.03, "tol": 1e-15},
            "tanh-mse head": {"loss": "tanh-mse", "tol": 1e-15},
            "asymmetric head": {"loss": "asymmetric", "weight_decay": 0.01, "tol": 1e-15},
            "hidden head": {"hidden": 3, "tol": 1e-15},
            "head in batches": {
                "hidden": 20,
                "batch_size": 8,
                "learning_rate": 0.02,
                "max_iter": 9,
                "early_stopping": True,
            },
        }

    def _check_parameters(self) -> None:
        check_choice("loss", self.loss, LOSS_NAMES)
        for name in ("weight_decay", "learning_rate", "tol"):
            check_positive(name, getattr(self, name))
        for name in ("max_iter", "n_iter_no_change"):
            check_count(name, getattr(self, name))
        for name in ("hidden", "batch_size"):
            if getattr(self, name) is not None:
                check_count(name, getattr(self, name))
        check_flag("early_stopping", self.early_stopping)
        check_number("validation_fraction", self.validation_fraction, above=0, below=1)

    def _fit_labels(self, training: TrainingSet) -> None:
        from . import head_training

        rng = check_random_state(self.random_state)
        training = training.drop_zero_weights()
        X, known, weight = training.X, training.known, training.sample_weight
        weight = np.ones(len(X)) if weight is None else weight
        groups = training.groups
        if self.loss == "softmax":
            targets = LabelShares.of(training)
            T, known, self.labels_per_image_ = (
                targets.shares,
                targets.known,
                targets.labels_per_image,
            )
        else:
            T = training.Y.astype(X.dtype)
        scaler = _scaler(X, weight)
        data = head_training.HeadTrainingData(
            np.ascontiguousarray(scaler.transform(X)),  # same rounding for any memory order
            T,
            weight.astype(X.dtype)[:, None],
            known,
            self.loss,
        )
        if self.loss == "softmax":
            used = np.flatnonzero(T.any(axis=1))  # rows without targets have no loss
            data, groups = data.rows(used), None if groups is None else groups[used]
        held_out = None
        if self.early_stopping:
            present = data.T > 0
            if data.known is not None:
                present &= data.known
            train, test = self._split(present, rng, groups)
            data, held_out = data.rows(train), data.rows(test)

        sizes = (X.shape[1], *([] if self.hidden is None else [self.hidden]), T.shape[1])
        head = head_training.make_head(sizes, rng, X.dtype)
        early_stopping = head_training.EarlyStopping(held_out, self.n_iter_no_change)
        if self.batch_size is None:
            n_iter = head_training.train_at_once(
                head,
                data,
                early_stopping,
                weight_decay=self.weight_decay,
                tol=self.tol,
                max_iter=self.max_iter,
            )
            self._warn_unless_converged(n_iter)
        else:
            n_iter = head_training.train_in_batches(
                head,
                data,
                early_stopping,
                weight_decay=self.weight_decay,
                learning_rate=self.learning_rate,
                batch_size=self.batch_size,
                epochs=self.max_iter,
                rng=rng,
            )
        self.n_iter_ = max(1, min(n_iter, self.max_iter))
        self.coefs_, self.intercepts_ = _for_raw_features(*head_training.layers(head), scaler)

    def _label_probabilities(self, X: Floats) -> Floats:
        Z = self._outputs(X)
        P: Floats
        if self.loss == "softmax":
            shares = softmax(Z, axis=1)[:, : self.label_varies_.sum()]
            # Avoid log(0) for a share that rounds to 1.
            below_one = np.minimum(shares, 1 - np.finfo(shares.dtype).epsneg)
            P = -np.expm1(self.labels_per_image_ * np.log1p(-below_one))
        else:
            P = expit(2 * Z if self.loss == "tanh-mse" else Z)
        return P

    def _outputs(self, X: Floats) -> Floats:
        layers = list(zip(self.coefs_, self.intercepts_, strict=True))
        for coef, intercept in layers[:-1]:
            X = np.tanh(linear_scores(X, coef.T, intercept))
        coef, intercept = layers[-1]
        return linear_scores(X, coef.T, intercept)

    def _split(self, T: Mask, rng: np.random.RandomState, groups: Any) -> tuple[Any, Any]:
        return held_out_split(T.astype(np.uint8), self.validation_fraction, rng, groups)

    def _warn_unless_converged(self, n_iter: int) -> None:
        if n_iter > self.max_iter:
            warnings.warn(
                f"The head did not converge in {self.max_iter} iterations; "
                "raise weight_decay or max_iter, or stop early.",
                ConvergenceWarning,
                stacklevel=5,  # the caller of fit
            )


def _scaler(X: Floats, weight: Floats) -> StandardScaler:
    scaler = StandardScaler()
    for start in range(0, len(X), BLOCK_ROWS):  # one block in double precision at a time
        rows = slice(start, start + BLOCK_ROWS)
        scaler.partial_fit(X[rows], sample_weight=weight[rows])
    return scaler


def _for_raw_features(
    coefs: list[Floats], intercepts: list[Floats], scaler: StandardScaler
) -> tuple[list[Floats], list[Floats]]:
    """Fold the standardisation into the first layer."""
    dtype = coefs[0].dtype
    scaled = coefs[0].astype(np.float64) / scaler.scale_[:, None]
    first, intercept = raw_coefficients(scaled.T, intercepts[0], scaler.mean_, dtype)
    return [np.ascontiguousarray(first.T), *coefs[1:]], [intercept, *intercepts[1:]]
