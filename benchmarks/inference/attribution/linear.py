"""The weights of classifiers that add up weighted features and do nothing else."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from ....classifiers import (
    BinaryRelevance,
    HeadClassifier,
    LabelCalibrator,
    LinearSVMBinaryRelevance,
    LogisticBinaryRelevance,
    RegionMaxClassifier,
    RidgeBinaryRelevance,
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


def linear_scores(model: Any, features: NDArray[Any]) -> LinearScores | None:
    """Give the scores of a model's labels, or None if they are no weighted sums.

    Parameters
    ----------
    model : Pipeline or classifier
        Of a pipeline, what comes before the classifier may standardise.
    features : ndarray of shape (n_features,) or (n_regions, length)
        Of the picture in question: a classifier that takes the best of several regions is linear
        in that region.
    """
    if isinstance(model, Pipeline):
        return _of_pipeline(model, features)
    if not model.label_varies_.any():
        nothing = np.zeros((0, features.size))
        return _with_constants(model, LinearScores(nothing, np.zeros(0)))
    if isinstance(model, ThresholdTuner | LabelCalibrator):
        # What these do to probabilities keeps their order.
        return _with_constants(model, linear_scores(model.estimator_, features))
    if isinstance(model, RegionMaxClassifier):
        return _with_constants(model, _of_the_best_region(model, features))
    return _with_constants(model, _weights(model))


def _of_pipeline(model: Pipeline, features: NDArray[Any]) -> LinearScores | None:
    *before, (_, last) = model.steps
    scalers = [step for _, step in before if step not in (None, "passthrough")]
    row = features.reshape(1, -1)
    for scaler in scalers:
        if type(scaler) is not StandardScaler:
            return None
        row = scaler.transform(row)
    found = linear_scores(last, row.reshape(features.shape))
    for scaler in reversed(scalers):
        found = found and _unscaled(found, scaler)
    return found


def _unscaled(scores: LinearScores, scaler: StandardScaler) -> LinearScores:
    weights, intercepts = scores.weights, scores.intercepts
    if scaler.scale_ is not None:
        weights = weights / scaler.scale_
    if scaler.with_mean:
        intercepts = intercepts - weights @ scaler.mean_
    return LinearScores(weights, intercepts)


def _weights(model: Any) -> LinearScores | None:
    """Give the scores of the labels that vary."""
    if isinstance(model, LogisticBinaryRelevance | RidgeBinaryRelevance | LinearSVMBinaryRelevance):
        return _exactly(model.coef_, model.intercept_)
    if isinstance(model, HeadClassifier) and len(model.coefs_) == 1 and model.loss != "softmax":
        return _exactly(model.coefs_[0].T, model.intercepts_[0])
    if isinstance(model, BinaryRelevance):
        learners: list[Any] = [getattr(one, "model_", None) for one in model.estimators_]
        if all(type(learner) is LogisticRegression for learner in learners):
            coefs = np.concatenate([learner.coef_ for learner in learners])
            return _exactly(coefs, np.concatenate([learner.intercept_ for learner in learners]))
    return None


def _exactly(coefs: NDArray[Any], intercepts: NDArray[Any]) -> LinearScores:
    return LinearScores(coefs.astype(np.float64), intercepts.astype(np.float64))


def _with_constants(model: Any, scores: LinearScores | None) -> LinearScores | None:
    """Put in the labels that are constant, to which no place adds anything."""
    varies = model.label_varies_
    if scores is None or varies.all():
        return scores
    weights = np.zeros((len(varies), scores.weights.shape[1]))
    intercepts = np.where(model.constant_values_ == 1, np.inf, -np.inf)
    weights[varies], intercepts[varies] = scores.weights, scores.intercepts
    return LinearScores(weights, intercepts)


def _of_the_best_region(model: RegionMaxClassifier, features: NDArray[Any]) -> LinearScores | None:
    regions = features.reshape(model.n_regions_, -1)
    inner = linear_scores(model.estimator_, regions[0])
    if inner is None or model.pooling != "max":
        return None
    best = (regions @ inner.weights.T + inner.intercepts).argmax(axis=0)
    weights = np.zeros((len(best), *regions.shape))
    weights[np.arange(len(best)), best] = inner.weights
    return LinearScores(weights.reshape(len(best), -1), inner.intercepts)
