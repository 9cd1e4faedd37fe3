"""Binary and multi-class models in ONNX: coefficients of fitted models, and their probabilities."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from ....classifiers import serializable_types
from ...utils import InputError
from .onnx_graph import Array, OnnxGraph

TYPES: dict[str, Any] = dict(serializable_types())


def not_exportable(reason: str) -> InputError:
    """Return the error for a model that plain ONNX operators cannot compute."""
    return InputError(f"cannot be exported to ONNX: {reason}")


@dataclass(frozen=True)
class Coefficients:
    """Logistic regressions on the features and on additional inputs.

    Attributes
    ----------
    coef : ndarray of shape (n_models, n_features)
    seen_coef : ndarray of shape (n_models, n_seen)
    intercept : ndarray of shape (n_models,)
        Infinite for a model that always predicts the same class.
    """

    coef: Array
    seen_coef: Array
    intercept: Array

    @classmethod
    def of_binary_models(cls, models: Any, n_features: int, n_seen: int) -> "Coefficients":
        """Read the coefficients of the fitted binary models of a meta-estimator."""
        if isinstance(models, TYPES["LogisticModels"]):
            return cls(models.coef, models.seen_coef, models.intercept)
        if not isinstance(models, TYPES["EstimatorModels"]):
            raise not_exportable(f"{type(models).__name__} has no ONNX form")
        seen_coef = np.zeros((len(models.models), n_seen))
        parts = [_of_binary_model(model) for model in models.models]
        coef = np.zeros((len(parts), n_features), parts[0][0].dtype)
        for number, ((weights, _), columns) in enumerate(zip(parts, models.sees, strict=True)):
            coef[number] = weights[:n_features] if len(weights) else 0
            if len(weights) > n_features:
                seen_coef[number, columns] = models.seen_scale * weights[n_features:]
        return cls(coef, seen_coef, np.array([intercept for _, intercept in parts]))

    @classmethod
    def of_classifiers(cls, models: list[Any], n_features: int) -> "Coefficients":
        """Read the coefficients of fitted binary classifiers without additional inputs."""
        parts = [_of_binary_model(model) for model in models]
        coef = np.array([w if len(w) else np.zeros(n_features) for w, _ in parts])
        empty = np.zeros((len(parts), 0))
        return cls(coef, empty, np.array([intercept for _, intercept in parts]))

    def scores(self, graph: OnnxGraph, X: str) -> str:
        """Return the log-odds from the features alone."""
        return graph.linear(X, self.coef, self.intercept)


def _of_binary_model(model: Any) -> tuple[Array, float]:
    """Return coefficients and intercept; no coefficients if all training rows had one class."""
    if model.constant_ is not None:
        return np.zeros(0, np.float32), np.inf if model.constant_ else -np.inf
    inner = model.model_
    if type(inner) is not LogisticRegression:
        raise not_exportable(f"it contains a {type(inner).__name__}, not a LogisticRegression")
    return inner.coef_[0], float(inner.intercept_[0])


def binary_probabilities(graph: OnnxGraph, models: Any, X: str, n_features: int) -> str:
    """Return the probabilities of models without additional inputs."""
    return graph.add(
        "Sigmoid", Coefficients.of_binary_models(models, n_features, 0).scores(graph, X)
    )


def class_probabilities(graph: OnnxGraph, model: Any, X: str) -> str:
    """Return the probabilities of the classes of a multinomial logistic regression."""
    if type(model) is not LogisticRegression:
        raise not_exportable(f"it contains a {type(model).__name__}, not a LogisticRegression")
    scores = graph.linear(X, model.coef_, model.intercept_)
    if len(model.classes_) > 2:
        return graph.add("Softmax", scores, axis=1)
    positive = graph.add("Sigmoid", scores)
    return graph.concatenate([graph.add("Sub", graph.constant(1.0), positive), positive])


def log_odds(graph: OnnxGraph, probability: str, margin: float) -> str:
    """Return the log-odds of probabilities in double precision."""
    P = graph.cast(probability, np.float64)
    bounds = graph.constant(margin, np.float64), graph.constant(1 - margin, np.float64)
    P = graph.add("Clip", P, *bounds)
    absent = graph.add("Sub", graph.constant(1.0, np.float64), P)
    return graph.add("Sub", graph.add("Log", P), graph.add("Log", absent))
