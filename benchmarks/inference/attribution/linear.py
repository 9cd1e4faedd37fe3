"""The weights and intercepts of linear classifiers."""

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
    """Linear scores; the probabilities are increasing functions of them.

    Attributes
    ----------
    weights : ndarray of shape (n_labels, n_features)
        For unscaled features; standardisation is folded in.
    intercepts : ndarray of shape (n_labels,)
    """

    weights: Floats
    intercepts: Floats


def linear_scores(model: Any, features: NDArray[Any]) -> LinearScores | None:
    """Return the linear scores of a model's labels, or None if the model is not linear.

    Parameters
    ----------
    model : Pipeline or classifier
        A pipeline may standardise features before the classifier.
    features : ndarray of shape (n_features,) or (n_regions, n_features)
        The features of the image: a classifier that takes the maximum over regions is linear in
        the features of the best region.
    """
    if isinstance(model, Pipeline):
        return _pipeline_scores(model, features)
    if not model.label_varies_.any():
        no_weights = np.zeros((0, features.size))
        return _with_constant_labels(model, LinearScores(no_weights, np.zeros(0)))
    if isinstance(model, ThresholdTuner | LabelCalibrator):
        # Both map probabilities by increasing functions.
        return _with_constant_labels(model, linear_scores(model.estimator_, features))
    if isinstance(model, RegionMaxClassifier):
        return _with_constant_labels(model, _best_region_scores(model, features))
    return _with_constant_labels(model, _classifier_scores(model))


def _pipeline_scores(model: Pipeline, features: NDArray[Any]) -> LinearScores | None:
    *steps, (_, classifier) = model.steps
    scalers = [step for _, step in steps if step not in (None, "passthrough")]
    row = features.reshape(1, -1)
    for scaler in scalers:
        if type(scaler) is not StandardScaler:
            return None
        row = scaler.transform(row)
    scores = linear_scores(classifier, row.reshape(features.shape))
    for scaler in reversed(scalers):
        scores = scores and _unscale(scores, scaler)
    return scores


def _unscale(scores: LinearScores, scaler: StandardScaler) -> LinearScores:
    weights, intercepts = scores.weights, scores.intercepts
    if scaler.scale_ is not None:
        weights = weights / scaler.scale_
    if scaler.with_mean:
        intercepts = intercepts - weights @ scaler.mean_
    return LinearScores(weights, intercepts)


def _classifier_scores(model: Any) -> LinearScores | None:
    """Return the scores of the labels that are not constant in the training data."""
    if isinstance(model, LogisticBinaryRelevance | RidgeBinaryRelevance | LinearSVMBinaryRelevance):
        return _to_float64(model.coef_, model.intercept_)
    if isinstance(model, HeadClassifier) and len(model.coefs_) == 1 and model.loss != "softmax":
        return _to_float64(model.coefs_[0].T, model.intercepts_[0])
    if isinstance(model, BinaryRelevance):
        classifiers: list[Any] = [getattr(item, "model_", None) for item in model.estimators_]
        if all(type(classifier) is LogisticRegression for classifier in classifiers):
            coefs = np.concatenate([classifier.coef_ for classifier in classifiers])
            intercepts = np.concatenate([classifier.intercept_ for classifier in classifiers])
            return _to_float64(coefs, intercepts)
    return None


def _to_float64(coefs: NDArray[Any], intercepts: NDArray[Any]) -> LinearScores:
    return LinearScores(coefs.astype(np.float64), intercepts.astype(np.float64))


def _with_constant_labels(model: Any, scores: LinearScores | None) -> LinearScores | None:
    """Insert the constant labels: their weights are zero and their intercepts infinite."""
    varies = model.label_varies_
    if scores is None or varies.all():
        return scores
    weights = np.zeros((len(varies), scores.weights.shape[1]))
    intercepts = np.where(model.constant_values_ == 1, np.inf, -np.inf)
    weights[varies], intercepts[varies] = scores.weights, scores.intercepts
    return LinearScores(weights, intercepts)


def _best_region_scores(model: RegionMaxClassifier, features: NDArray[Any]) -> LinearScores | None:
    regions = features.reshape(model.n_regions_, -1)
    inner = linear_scores(model.estimator_, regions[0])
    if inner is None or model.pooling != "max":
        return None
    best = (regions @ inner.weights.T + inner.intercepts).argmax(axis=0)
    weights = np.zeros((len(best), *regions.shape))
    weights[np.arange(len(best)), best] = inner.weights
    return LinearScores(weights.reshape(len(best), -1), inner.intercepts)
