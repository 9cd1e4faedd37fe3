"""Conversion of fitted pipelines and classifiers to ONNX operators."""

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from .... import classifiers
from . import joint_converters as joint
from . import tree_converters as trees
from .linear_converters import Coefficients, binary_probabilities, log_odds, not_exportable
from .onnx_graph import Array, OnnxGraph

Converter = Callable[[OnnxGraph, Any, str], str]
PROBABILITY_MARGIN = 1e-6  # of the log-odds of calibration and of pooled regions


def convert(graph: OnnxGraph, estimator: Any, X: str) -> str:
    """Add a fitted pipeline or classifier to a graph.

    Parameters
    ----------
    graph : OnnxGraph
    estimator : estimator
        Fitted to a label matrix.
    X : str
        The float32 tensor of feature vectors.

    Returns
    -------
    str
        The float32 tensor of the probabilities of all labels.

    Raises
    ------
    InputError
        If the estimator has no form in ONNX.
    """
    if isinstance(estimator, Pipeline):
        for _, step in estimator.steps[:-1]:
            X = _transform(graph, step, X)
        estimator = estimator.steps[-1][1]
    converter = CONVERTERS.get(type(estimator))
    if converter is None:
        raise not_exportable(f"{type(estimator).__name__} has no ONNX form")
    varies, n_varying = estimator.label_varies_, int(estimator.label_varies_.sum())
    P = converter(graph, estimator, X) if n_varying else graph.add("Flatten", X, axis=1)
    if not varies.all():
        zero = graph.add("Mul", graph.columns(P, [0]), graph.constant(0.0))
        one = graph.add("Add", zero, graph.constant(1.0))
        of_constant = n_varying + (estimator.constant_values_ > 0)
        parts = [P, zero, one] if n_varying else [zero, one]
        of_label = np.where(varies, np.cumsum(varies) - 1, of_constant)
        P = graph.columns(graph.concatenate(parts), of_label)
    return graph.add("Clip", P, graph.constant(0.0), graph.constant(1.0))


def _transform(graph: OnnxGraph, step: Any, X: str) -> str:
    if step is None or step == "passthrough":
        return X
    if type(step) is not StandardScaler:
        raise not_exportable(f"the step {type(step).__name__} has no ONNX form")
    if step.mean_ is not None:  # in single precision, as in scikit-learn
        X = graph.add("Sub", X, graph.constant(step.mean_))
    return X if step.scale_ is None else graph.add("Div", X, graph.constant(step.scale_))


def _logistic(graph: OnnxGraph, model: Any, X: str) -> str:
    return graph.add("Sigmoid", graph.linear(X, model.coef_, model.intercept_))


def _binary_relevance(graph: OnnxGraph, model: Any, X: str) -> str:
    models = Coefficients.of_classifiers(model.estimators_, model.n_features_in_)
    return graph.add("Sigmoid", models.scores(graph, X))


def _margins(graph: OnnxGraph, model: Any, X: str) -> str:
    scores = graph.linear(X, model.coef_, model.intercept_ + model.offsets_ / model.slopes_)
    return graph.add("Sigmoid", graph.add("Mul", scores, graph.constant(model.slopes_)))


def _head(graph: OnnxGraph, model: Any, X: str) -> str:
    *hidden, last = zip(model.coefs_, model.intercepts_, strict=True)
    for coef, intercept in hidden:
        X = graph.add("Tanh", graph.linear(X, coef.T, intercept))
    scores = graph.linear(X, last[0].T, last[1])
    if model.loss == "tanh-mse":
        scores = graph.add("Mul", scores, graph.constant(2.0))
    if model.loss != "softmax":
        return graph.add("Sigmoid", scores)
    shares = graph.cast(graph.add("Softmax", scores, axis=1), np.float64)
    shares = graph.columns(shares, np.arange(model.label_varies_.sum()))
    one = graph.constant(1.0, np.float64)
    not_drawn = graph.add("Sub", one, shares)
    never = graph.add("Pow", not_drawn, graph.constant(model.labels_per_image_, np.float64))
    return graph.cast(graph.add("Sub", one, never), np.float32)


def _mlp(graph: OnnxGraph, model: Any, X: str) -> str:
    network = model.network_
    X = graph.add("Sub", X, graph.constant(model.center_))
    *hidden, last = zip(network.coefs_, network.intercepts_, strict=True)
    for coef, intercept in hidden:
        X = graph.add("Relu", graph.linear(X, coef.T, intercept))
    return graph.add("Sigmoid", graph.linear(X, last[0].T, last[1]))


def _neighbor_counts(graph: OnnxGraph, model: Any, X: str) -> tuple[str, int]:
    """Return the counts (n_rows, n_labels) of labels among the neighbours, and their number.

    Distances are computed in double precision, of vectors relative to the mean of the stored ones.
    Among equal distances, TopK and `NeighborTable` both take the first rows.
    """
    table = model.neighbors_
    n_neighbors = min(model.n_neighbors, len(table.X))
    center = table.X.mean(axis=0, dtype=np.float64)
    stored = table.X.astype(np.float64) - center
    rows = graph.add("Sub", graph.cast(X, np.float64), graph.constant(center, np.float64))
    products = graph.add("MatMul", rows, graph.constant(-2 * stored.T, np.float64))
    squares = graph.constant(np.square(stored).sum(axis=1), np.float64)
    distances = graph.add("Add", products, squares)
    count = graph.constant([n_neighbors], np.int64)
    _, nearest = graph.add_many("TopK", distances, count, n_outputs=2, axis=1, largest=0)
    labels = graph.add("Gather", graph.constant(model.labels_), nearest, axis=0)
    axes = graph.constant([1], np.int64)
    return graph.add("ReduceSum", labels, axes, keepdims=0), n_neighbors


def _mlknn(graph: OnnxGraph, model: Any, X: str) -> str:
    counts, _ = _neighbor_counts(graph, model, X)
    log_odds_table = graph.constant(model.log_odds_)
    indices = graph.cast(counts, np.int64)
    return graph.add("Sigmoid", graph.add("GatherElements", log_odds_table, indices, axis=0))


def _brknn(graph: OnnxGraph, model: Any, X: str) -> str:
    counts, n_neighbors = _neighbor_counts(graph, model, X)
    return graph.add("Div", counts, graph.constant(float(n_neighbors)))


def _iblr(graph: OnnxGraph, model: Any, X: str) -> str:
    counts, _ = _neighbor_counts(graph, model, X)
    n_inputs = model.labels_.shape[1]
    if model.passthrough:
        counts, n_inputs = graph.concatenate([X, counts]), n_inputs + model.n_features_in_
    return binary_probabilities(graph, model.models_, counts, n_inputs)


def _thresholds(graph: OnnxGraph, model: Any, X: str) -> str:
    return convert(graph, model.estimator_, X)


def _calibrated(graph: OnnxGraph, model: Any, X: str) -> str:
    P = convert(graph, model.estimator_, X)
    if model.method == "sigmoid":
        odds = log_odds(graph, P, PROBABILITY_MARGIN)
        odds = graph.add("Mul", odds, graph.constant(model.slopes_, np.float64))
        odds = graph.add("Add", odds, graph.constant(model.offsets_, np.float64))
        mapped = graph.cast(graph.add("Sigmoid", odds), np.float32)
        kept = graph.constant(model.calibrated_.astype(np.float32))
        changed = graph.add("Mul", mapped, kept)
        unchanged = graph.constant(1.0 - model.calibrated_)
        return graph.add("Add", changed, graph.add("Mul", P, unchanged))
    curves = zip(model.knots_, model.heights_, strict=True)
    columns = [
        _interpolate(graph, graph.columns(P, [label]), knots, heights)
        for label, (knots, heights) in enumerate(curves)
    ]
    return graph.concatenate(columns)


def _interpolate(graph: OnnxGraph, p: str, knots: Array, heights: Array) -> str:
    """Return a piecewise linear function: the sum of its segments, each clipped to its range."""
    p = graph.cast(p, np.float64)
    start, length = knots[:-1].astype(np.float64), np.diff(knots.astype(np.float64))
    rise = np.diff(heights.astype(np.float64))
    if not len(rise):
        flat = graph.add("Mul", p, graph.constant(0.0, np.float64))
        return graph.cast(
            graph.add("Add", flat, graph.constant(heights[0], np.float64)), np.float32
        )
    along = graph.add("Sub", p, graph.constant(start[None], np.float64))
    along = graph.add("Div", along, graph.constant(length[None], np.float64))
    bounds = graph.constant(0.0, np.float64), graph.constant(1.0, np.float64)
    along = graph.add("Clip", along, *bounds)
    risen = graph.add("MatMul", along, graph.constant(rise[:, None], np.float64))
    return graph.cast(graph.add("Add", risen, graph.constant(heights[0], np.float64)), np.float32)


def _regions(graph: OnnxGraph, model: Any, X: str) -> str:
    n_regions, n_labels = model.n_regions_, int(model.label_varies_.sum())
    length = model.n_features_in_ // n_regions
    P = convert(graph, model.estimator_, graph.reshape(X, [-1, length]))
    P = graph.reshape(P, [-1, n_regions, n_labels])
    axes = graph.constant([1], np.int64)
    if model.pooling in ("max", "mean"):
        operator = {"max": "ReduceMax", "mean": "ReduceMean"}[model.pooling]
        return graph.add(operator, P, axes, keepdims=0)
    odds = log_odds(graph, P, PROBABILITY_MARGIN)
    pooled = graph.add("ReduceLogSumExp", odds, axes, keepdims=0)
    return graph.cast(graph.add("Sigmoid", pooled), np.float32)


CONVERTERS: dict[type, Converter] = {
    classifiers.BinaryRelevance: _binary_relevance,
    classifiers.LogisticBinaryRelevance: _logistic,
    classifiers.LogisticBinaryRelevanceCV: _logistic,
    classifiers.RidgeBinaryRelevance: _margins,
    classifiers.LinearSVMBinaryRelevance: _margins,
    classifiers.ConditionalPrincipalLabelSpace: _margins,
    classifiers.HeadClassifier: _head,
    classifiers.MultiLabelMLP: _mlp,
    classifiers.ClassifierChain: joint.classifier_chain,
    classifiers.ClassifierChainEnsemble: joint.chain_ensemble,
    classifiers.ProbabilisticClassifierChain: joint.probabilistic_chain,
    classifiers.StackedBinaryRelevance: joint.stacked,
    classifiers.DependentBinaryRelevance: joint.dependent,
    classifiers.CalibratedLabelRanking: joint.label_ranking,
    classifiers.LabelPowerset: joint.label_powerset,
    classifiers.LogisticPowerset: joint.logistic_powerset,
    classifiers.PrunedSets: joint.pruned_sets,
    classifiers.EnsemblePrunedSets: joint.pruned_set_ensemble,
    classifiers.RAkEL: joint.rakel,
    classifiers.MLkNN: _mlknn,
    classifiers.BRkNN: _brknn,
    classifiers.IBLR: _iblr,
    classifiers.MultiLabelForest: trees.forest,
    classifiers.MultiLabelBoosting: trees.boosting,
    classifiers.ThresholdTuner: _thresholds,
    classifiers.LabelCalibrator: _calibrated,
    classifiers.RegionMaxClassifier: _regions,
}
