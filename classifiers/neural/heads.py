"""A network's last layer, as the forum would train it: one head for all labels, by its loss."""

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
    GroupedPartlyKnownClassifier,
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
    """What a softmax is to say of each row.

    Attributes
    ----------
    shares : ndarray of shape (n_rows, n_labels or one more)
        1/k for each of a row's k labels. The last column, "none", is there where some row has no
        label, and takes all of such a row. All zero where nothing can be said: no label is known
        to be present, but some may be.
    known : ndarray of bool as `shares`, or None
    labels_per_image : float
        Weighted mean over the rows that have labels.
    """

    shares: Floats
    known: Mask | None
    labels_per_image: float

    @classmethod
    def of(cls, training: TrainingSet) -> "LabelShares":
        """Share out one among each row's labels."""
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


class HeadClassifier(GroupedPartlyKnownClassifier):
    """One small network head for all labels, trained with torch and applied with NumPy.

    The features are standardised inside, and the weight decay counts in standardised units. What
    is minimised is the mean over the images of the loss summed over the labels, plus
    ``weight_decay / 2`` times the squared weights:

    - ``"sigmoid-bce"``: cross-entropy of each label. Without a hidden layer these are the
      regressions of `LogisticBinaryRelevance` at ``C = 1 / (weight_decay * n_images)``.
    - ``"sigmoid-mse"``: squared error of the probability, the Brier score. Forgives a confident
      mistake sooner.
    - ``"tanh-mse"``: squared error of a hyperbolic tangent against -1 and +1; the probability is
      half of one more. The same head as ``"sigmoid-mse"`` at a sixteenth of the weight decay.
    - ``"asymmetric"``: cross-entropy in which an absent label counts by the fourth power of its
      probability above 0.05. For rankings; its probabilities are far too high.
    - ``"softmax"``: cross-entropy against shares, 1/k for each of an image's k labels, so that the
      labels compete. Kept as the contrast. Images without any label share an output of their own,
      "none". The probability of a label is the chance to find it in k draws from the shares, k
      being the mean number of labels of the training images that have any: the share itself where
      each has one. Of a partly known image, the known labels compete among themselves.

    Parameters
    ----------
    loss : str, default="sigmoid-bce"
    hidden : int, default=None
        Units, with a hyperbolic tangent, between features and labels; None: a linear head.
    weight_decay : float, default=0.1
    batch_size : int, default=None
        None: all images at once by L-BFGS, to the minimum. A number: Adam on shuffled batches,
        whose result depends on the order of the rows.
    learning_rate : float, default=0.003
        Of Adam, at the start.
    max_iter : int, default=500
        Iterations of L-BFGS, or the epochs in which the learning rate of Adam falls to zero.
    tol : float, default=1e-7
        L-BFGS is done when a step gains less than this share of the objective, or of 1 if that is
        more.
    early_stopping : bool, default=False
        Hold out some training images, stratified, and keep the head that had the least loss on
        them. Which ones depends on the order of the rows.
    validation_fraction : float, default=0.15
        Held out for early stopping.
    n_iter_no_change : int, default=10
        Iterations or epochs without a lesser loss before training stops early.
    random_state : int, RandomState instance or None, default=0
        Of the hidden layer, the batches and the images held out. torch's own generator is neither
        used nor touched.

    Attributes
    ----------
    coefs_ : list of ndarray of shape (n_inputs, n_outputs)
        Of each layer, for features as they are given.
    intercepts_ : list of ndarray of shape (n_outputs,)
    n_iter_ : int
    labels_per_image_ : float
        Only for ``"softmax"``.

    See Also
    --------
    LogisticBinaryRelevance : The linear ``"sigmoid-bce"`` head, without torch.
    LabelCalibrator : Makes probabilities of the scores of ``"asymmetric"`` and ``"softmax"``.

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
        from . import head_training as lab

        rng = check_random_state(self.random_state)
        training = training.weighty_rows()
        X, known, weight = training.X, training.known, training.sample_weight
        weight = np.ones(len(X)) if weight is None else weight
        groups = training.groups
        if self.loss == "softmax":
            given = LabelShares.of(training)
            T, known, self.labels_per_image_ = given.shares, given.known, given.labels_per_image
        else:
            T = training.Y.astype(X.dtype)
        scaler = _scaler(X, weight)
        lessons = lab.Lessons(
            np.ascontiguousarray(scaler.transform(X)),  # the same rounding in any memory order
            T,
            weight.astype(X.dtype)[:, None],
            known,
            self.loss,
        )
        if self.loss == "softmax":
            taught = np.flatnonzero(T.any(axis=1))  # others teach nothing
            lessons, groups = lessons.rows(taught), None if groups is None else groups[taught]
        held_out = None
        if self.early_stopping:
            told = lessons.T > 0
            if lessons.known is not None:
                told &= lessons.known
            learned, kept = self._split(told, rng, groups)
            lessons, held_out = lessons.rows(learned), lessons.rows(kept)

        sizes = (X.shape[1], *([] if self.hidden is None else [self.hidden]), T.shape[1])
        head = lab.make_head(sizes, rng, X.dtype)
        patience = lab.Patience(held_out, self.n_iter_no_change)
        if self.batch_size is None:
            n_iter = lab.train_at_once(
                head,
                lessons,
                patience,
                weight_decay=self.weight_decay,
                tol=self.tol,
                max_iter=self.max_iter,
            )
            self._warn_unless_converged(n_iter)
        else:
            n_iter = lab.train_in_batches(
                head,
                lessons,
                patience,
                weight_decay=self.weight_decay,
                learning_rate=self.learning_rate,
                batch_size=self.batch_size,
                epochs=self.max_iter,
                rng=rng,
            )
        self.n_iter_ = max(1, min(n_iter, self.max_iter))
        self.coefs_, self.intercepts_ = _for_raw_features(*lab.layers(head), scaler)

    def _label_probabilities(self, X: Floats) -> Floats:
        Z = self._outputs(X)
        P: Floats
        if self.loss == "softmax":
            shares = softmax(Z, axis=1)[:, : self.label_varies_.sum()]
            # A share that rounds to 1 leaves nothing, which has no logarithm.
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
    """Let the first layer do the standardising."""
    dtype = coefs[0].dtype
    scaled = coefs[0].astype(np.float64) / scaler.scale_[:, None]
    first, intercept = raw_coefficients(scaled.T, intercepts[0], scaler.mean_, dtype)
    return [np.ascontiguousarray(first.T), *coefs[1:]], [intercept, *intercepts[1:]]
