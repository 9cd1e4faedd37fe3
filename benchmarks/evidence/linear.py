"""The weights of classifiers that add up weighted features and do nothing else."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from ...classifiers import (
    BinaryRelevance,
    HeadClassifier,
    LabelCalibrator,
    LogisticBinaryRelevance,
    RegionMaxClassifier,
    ThresholdTuner,
)

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class LinearScores:
    """Scores of which the probabilities are rising functions.

    Attributes
    ----------
    weights : ndarray of shape (n_labels, n_features)
        For features as they come; standardisation is folded in.
    intercepts : ndarray of shape (n_labels,)
    """

    weights: Floats
    intercepts: Floats


def linear_scores(pipeline: Pipeline, features: NDArray[Any]) -> LinearScores | None:
    """Give the scores of a pipeline's labels, or None if they are no weighted sums.

    Parameters
    ----------
    pipeline : Pipeline
        Optional `StandardScaler`, then a classifier.
    features : ndarray of shape (n_features,) or (n_regions, length)
        Of the picture in question: a classifier that takes the best of several regions is linear
        in that region.
    """
    *before, (_, last) = pipeline.steps
    while isinstance(last, ThresholdTuner | LabelCalibrator) and hasattr(last, "estimator_"):
        last = last.estimator_  # what it does to probabilities keeps their order
    scaler = before[0][1] if before else None
    if len(before) > 1 or not isinstance(scaler, StandardScaler | None):
        return None
    if isinstance(last, RegionMaxClassifier):
        found = _of_the_best_region(last, scaler, features)
    else:
        found = _weights(last)
    if found is None:
        return None
    weights, intercepts = _all_labels(last, *found)
    if scaler is None:
        return LinearScores(weights, intercepts)
    scale = np.ones(weights.shape[1]) if scaler.scale_ is None else scaler.scale_
    mean = np.zeros(weights.shape[1]) if scaler.mean_ is None else scaler.mean_
    return LinearScores(weights / scale, intercepts - (weights / scale) @ mean)


def _weights(model: Any) -> tuple[Floats, Floats] | None:
    """Give weights and intercepts of the labels that vary."""
    if not model.label_varies_.any():
        return np.zeros((0, model.n_features_in_)), np.zeros(0)
    if isinstance(model, LogisticBinaryRelevance):
        return model.coef_.astype(np.float64), model.intercept_.astype(np.float64)
    if isinstance(model, HeadClassifier) and len(model.coefs_) == 1 and model.loss != "softmax":
        return model.coefs_[0].T.astype(np.float64), model.intercepts_[0].astype(np.float64)
    if isinstance(model, BinaryRelevance):
        learners: list[Any] = [getattr(one, "model_", None) for one in model.estimators_]
        if all(type(learner) is LogisticRegression for learner in learners):
            coefs = np.concatenate([learner.coef_ for learner in learners])
            return coefs.astype(np.float64), np.concatenate([one.intercept_ for one in learners])
    return None


def _all_labels(model: Any, weights: Floats, intercepts: Floats) -> tuple[Floats, Floats]:
    """Put in labels that are constant, to which no place adds anything."""
    varies = model.label_varies_
    every = np.zeros((len(varies), weights.shape[1]))
    level = np.where(model.constant_values_ == 1, np.inf, -np.inf)
    every[varies], level[varies] = weights, intercepts
    return every, level


def _of_the_best_region(
    model: RegionMaxClassifier, scaler: StandardScaler | None, features: NDArray[Any]
) -> tuple[Floats, Floats] | None:
    if model.pooling != "max" or not model.label_varies_.any():
        return None
    inner = _weights(model.estimator_) if hasattr(model.estimator_, "label_varies_") else None
    if inner is None or len(inner[0]) != model.label_varies_.sum():
        return None
    weights, intercepts = inner
    flat = features.reshape(1, -1)
    rows = (flat if scaler is None else scaler.transform(flat)).reshape(model.n_regions_, -1)
    best = expit(rows @ weights.T + intercepts).argmax(axis=0)
    spread = np.zeros((len(weights), model.n_regions_, weights.shape[1]))
    spread[np.arange(len(weights)), best] = weights
    return spread.reshape(len(weights), -1), intercepts
