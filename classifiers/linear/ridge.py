"""Binary relevance with ridge regressions, in closed form for all penalties."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._base import (
    Floats,
    MarginClassifier,
    Mask,
    MissingLabelsClassifier,
    TrainingSet,
    linear_scores,
    raw_coefficients,
    read_positives,
)
from .._solvers import SVD, compute_svd, row_blocks, signs


class RidgeBinaryRelevance(MarginClassifier, MissingLabelsClassifier):
    """Ridge regressions on targets -1 and +1, with penalties selected by leave-one-out errors.

    One singular value decomposition of the features yields the coefficients of all labels at all
    penalties and the exact leave-one-out predictions, from which the penalty of each label is
    selected. Labels that are known in the same rows share a decomposition.

    Platt scaling, fitted to the leave-one-out predictions, converts margins to probabilities. It is
    increasing, so probabilities and margins rank alike. A label is predicted where its probability
    exceeds 0.5.

    Parameters
    ----------
    alphas : array-like of float, default=(1e-2, 1e-1, 1, 10, 100, 1e3, 1e4, 1e5, 1e6)
        Candidate penalties, on the scale of scikit-learn's `Ridge`. The criterion is the squared
        error.

    Attributes
    ----------
    alpha_ : ndarray of shape (n_varying_labels,)
        The penalty of each label.
    scores_ : ndarray of shape (n_alphas, n_varying_labels)
        Negative leave-one-out mean squared errors.
    coef_ : ndarray of shape (n_varying_labels, n_features)
    intercept_ : ndarray of shape (n_varying_labels,)
    slopes_, offsets_ : ndarray of shape (n_varying_labels,)
        Log-odds as a linear function of the margin ``X @ coef_.T + intercept_``.

    Notes
    -----
    A sample weight counts repetitions: one repetition is left out, or all of a weight below 1.

    References
    ----------
    Golub, G., Heath, M., Wahba, G. (1979). Generalized cross-validation as a method for choosing a
    good ridge parameter. Technometrics 21(2): leaving one out in closed form.
    Rifkin, R., Yeo, G., Poggio, T. (2003). Regularized least-squares classification. NATO Science
    Series III 190.
    Platt, J. (2000). Probabilistic outputs for support vector machines. In: Advances in Large
    Margin Classifiers. MIT Press.

    Examples
    --------
    >>> from catnocat.classifiers import RidgeBinaryRelevance
    >>> from sklearn.datasets import make_multilabel_classification
    >>> from sklearn.metrics import label_ranking_average_precision_score
    >>> X, Y = make_multilabel_classification(600, random_state=0)
    >>> model = RidgeBinaryRelevance().fit(X[:400], Y[:400])
    >>> P = model.predict_proba(X[400:])
    >>> f"{label_ranking_average_precision_score(Y[400:], P):.2f}"
    '0.94'
    """

    def __init__(
        self, alphas: ArrayLike = (1e-2, 1e-1, 1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6)
    ) -> None:
        self.alphas = alphas

    @classmethod
    def _unit_test_params(cls) -> dict[str, dict[str, Any]]:
        return {
            "ridge": {},
        }

    def _fit_labels(self, training: TrainingSet) -> None:
        alphas = read_positives("alphas", self.alphas).ravel()
        X, Y = training.X, training.Y
        n_labels = Y.shape[1]
        self.coef_ = np.empty((n_labels, X.shape[1]), dtype=X.dtype)
        self.intercept_ = np.empty(n_labels, dtype=X.dtype)
        self.scores_ = np.empty((len(alphas), n_labels))
        held_out, weights = np.empty(Y.shape, dtype=X.dtype), np.empty(Y.shape)
        for labels, weight in _groups_of_labels(training):
            path = _RidgePath(compute_svd(X, weight), signs(Y[:, labels], np.float64), alphas)
            self.scores_[:, labels], leverage = path.leave_one_out()
            choice = self.scores_[:, labels].argmax(axis=0)
            coef, intercept = path.coefficients(choice)
            if coef.dtype != self.coef_.dtype:  # large means
                self.coef_ = self.coef_.astype(np.float64)
                self.intercept_ = self.intercept_.astype(np.float64)
            self.coef_[labels], self.intercept_[labels] = coef, intercept
            fitted = linear_scores(X, coef, intercept)
            gap = (path.targets - fitted) / (1 - leverage[:, choice])
            held_out[:, labels], weights[:, labels] = path.targets - gap, weight[:, None]
        self.alpha_ = alphas[self.scores_.argmax(axis=0)]
        self._calibrate(held_out, Y, weights)


@dataclass(frozen=True)
class _RidgePath:
    """Ridge regressions of some labels on the same rows, at every penalty.

    Attributes
    ----------
    svd : SVD
    targets : ndarray of shape (n_rows, n_labels)
    alphas : ndarray of shape (n_alphas,)
    """

    svd: SVD
    targets: NDArray[np.float64]
    alphas: NDArray[np.float64]

    @cached_property
    def mean(self) -> NDArray[np.float64]:
        weight = self.svd.weight
        shares: NDArray[np.float64] = weight @ self.targets / weight.sum()
        return shares

    @cached_property
    def shrink(self) -> NDArray[np.float64]:
        return 1 / (self.svd.squares[:, None] + self.alphas)

    @cached_property
    def along(self) -> NDArray[np.float64]:
        """Products (n_axes, n_labels) of the targets with the row coordinates."""
        weight, X = self.svd.weight, self.svd.X
        weighted = (self.targets - self.mean) * weight[:, None]
        total: NDArray[np.float64] = np.zeros((X.shape[1], self.targets.shape[1]))
        for rows in row_blocks(X):
            total += (X[rows] - self.svd.mean).T @ weighted[rows]
        return self.svd.axes.T @ total

    def leave_one_out(self) -> tuple[NDArray[np.float64], Floats]:
        """Compute scores (n_alphas, n_labels) and leverages (n_rows, n_alphas).

        A leave-one-out residual is the residual divided by (1 - leverage).
        """
        weight, dtype = self.svd.weight, self.svd.axes.dtype
        n_labels = self.targets.shape[1]
        shrunk = self.along[:, None, :] * self.shrink[:, :, None]
        shrunk = shrunk.reshape(len(shrunk), -1).astype(dtype)
        root = np.sqrt(weight)
        safe = np.where(weight > 0, weight, 1)
        of_repetition = np.minimum(weight, 1) / safe
        errors = np.zeros((len(self.alphas), n_labels))
        leverage = np.empty((len(weight), len(self.alphas)), dtype=dtype)
        tiny = np.finfo(dtype).eps
        for rows, T in self.svd.blocks():
            own = np.square(T) @ self.shrink.astype(dtype) + (weight[rows] / weight.sum())[:, None]
            leverage[rows] = np.minimum(own * of_repetition[rows, None], 1 - tiny)
            fitted = (T @ shrunk).reshape(len(T), len(self.alphas), n_labels)
            # The fit of weighted rows: rows are scaled by the square root of their weight.
            gaps = (self.targets[rows] - self.mean)[:, None] * root[rows, None, None] - fitted
            gaps /= (1 - leverage[rows])[:, :, None]
            errors += np.square(gaps).sum(axis=0, dtype=np.float64)
        return -errors / weight.sum(), leverage

    def coefficients(self, choice: NDArray[np.intp]) -> tuple[Floats, Floats]:
        """Return the coefficients and intercepts at the selected penalty of each label."""
        coef = (self.svd.axes @ (self.along * self.shrink[:, choice])).T
        return raw_coefficients(coef, self.mean, self.svd.mean, self.svd.X.dtype)


def _groups_of_labels(
    training: TrainingSet,
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.float64]]]:
    """Yield groups of labels that are known in the same rows, with the row weights."""
    X, n_labels = training.X, training.Y.shape[1]
    weight = np.ones(len(X)) if training.sample_weight is None else training.sample_weight
    if training.known is None:
        yield np.arange(n_labels), weight
        return
    masks: Mask
    masks, group = np.unique(training.known, axis=1, return_inverse=True)
    for number, rows in enumerate(masks.T):
        yield np.flatnonzero(group.ravel() == number), weight * rows
