"""Inner multi-label classifiers, and their out-of-fold predictions for the training images."""

import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from .._base import (
    ConstantLabelWarning,
    Floats,
    Mask,
    TrainingSet,
    accepts_fit_param,
    base_learner,
    fit_weighted,
    unwrap,
)
from ..linear import LogisticBinaryRelevance
from ..model_selection import CrossValidation, seeded_folds


def fit_inner(estimator: Any, training: TrainingSet) -> Any:
    """Fit a clone of `estimator`; None is `LogisticBinaryRelevance()`.

    If its `fit` accepts no mask of known labels, it is fitted to the labels as given.

    Raises
    ------
    ValueError
        If it has no `predict_proba`, or there are weights and its `fit` accepts none.
    """
    estimator = LogisticBinaryRelevance() if estimator is None else estimator
    model = base_learner(estimator, "predict_proba")
    known = training.known if accepts_fit_param(model, "known") else None
    return fit_weighted(
        model, training.X, training.Y, training.sample_weight, known, training.groups
    )


def label_probabilities(model: Any, X: Floats, n_labels: int) -> Floats:
    """Return the probabilities (n_rows, n_labels) from any form of `predict_proba` output."""
    P = model.predict_proba(unwrap(X))
    if isinstance(P, list):  # scikit-learn's forests and neighbours return one array per label
        P = np.column_stack(
            [
                part[:, list(values).index(1)] if 1 in values else np.zeros(len(X))
                for part, values in zip(P, model.classes_, strict=True)
            ]
        )
    probabilities: Floats = P[:, -1:] if n_labels == 1 else P
    return probabilities


@dataclass(frozen=True)
class OutOfFoldPredictions:
    """Out-of-fold predictions with the weight of each.

    Attributes
    ----------
    P : ndarray of shape (n_rows, n_labels)
    Y : ndarray of shape (n_rows, n_labels)
    weight : ndarray of shape (n_rows, n_labels)
        0 where a label is unknown, where a row was in no test fold, and where the label was
        constant in the training folds.
    scorable : ndarray of bool of shape (n_labels,)
        Whether the label has positive and negative predictions of non-zero weight.
    """

    P: Floats
    Y: Floats
    weight: Floats

    @property
    def scorable(self) -> Mask:
        """Return whether each label has positive and negative rows of non-zero weight."""
        counted = self.weight > 0
        both: Mask = (counted & (self.Y > 0)).any(axis=0) & (counted & (self.Y == 0)).any(axis=0)
        return both

    def of(self, label: int) -> tuple[Floats, Floats, Floats]:
        """Return probabilities, targets and weights of the rows of non-zero weight for a label."""
        rows = self.weight[:, label] > 0
        return self.P[rows, label], self.Y[rows, label], self.weight[rows, label]


def predict_held_out(
    estimator: Any, training: TrainingSet, cv: CrossValidation, n_jobs: int | None
) -> OutOfFoldPredictions:
    """Compute out-of-fold predictions of an estimator.

    Parameters
    ----------
    estimator : estimator or None
        As for `fit_inner`.
    training : TrainingSet
    cv : int, splitter or iterable of (train, test) rows
        As for `seeded_folds`.
    n_jobs : int or None
        Number of folds fitted in parallel.
    """
    Y = training.Y if training.known is None else training.Y * training.known
    folds = seeded_folds(cv, Y, 0, training.groups)
    fold_predictions = Parallel(n_jobs=n_jobs)(
        delayed(_predict_fold)(estimator, training, train, test) for train, test in folds
    )
    P = np.zeros(training.Y.shape, dtype=training.X.dtype)
    weight = np.zeros(training.Y.shape)
    counted = _weights(training)
    for (train, test), predicted in zip(folds, fold_predictions, strict=True):
        P[test] = predicted
        used = counted[train] > 0
        present, absent = training.Y[train] > 0, training.Y[train] == 0
        varied = (used & present).any(axis=0) & (used & absent).any(axis=0)
        weight[test] = counted[test] * varied
    return OutOfFoldPredictions(P, training.Y.astype(np.float64), weight)


def _predict_fold(
    estimator: Any, training: TrainingSet, train: NDArray[Any], test: NDArray[Any]
) -> Floats:
    weight, known = training.sample_weight, training.known
    part = replace(
        training,
        X=training.X[train],
        Y=training.Y[train],
        sample_weight=None if weight is None else weight[train],
        known=None if known is None else known[train],
        groups=None if training.groups is None else training.groups[train],
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConstantLabelWarning)  # handled by `weight`
        model = fit_inner(estimator, part)
    return label_probabilities(model, training.X[test], training.Y.shape[1])


def _weights(training: TrainingSet) -> Floats:
    weights: Floats = np.ones(training.Y.shape)
    if training.sample_weight is not None:
        weights *= training.sample_weight[:, None]
    if training.known is not None:
        weights *= training.known
    return weights
