"""Chains, stacking, label ranking and label powersets in ONNX."""

from typing import Any

import numpy as np

from .linear_converters import (
    TYPES,
    Coefficients,
    binary_probabilities,
    class_probabilities,
    log_odds,
    not_exportable,
)
from .onnx_graph import Array, OnnxGraph

PROBABILITY_MARGIN = 1e-6  # of the log-odds that the second stage of stacking sees
MAX_ENUMERATED_LABELS = 10  # 1,024 label sets per image


def classifier_chain(graph: OnnxGraph, model: Any, X: str) -> str:
    """Convert a `ClassifierChain`."""
    return _chain(graph, model.chain_, X, model.n_features_in_, model.chain_method)


def chain_ensemble(graph: OnnxGraph, model: Any, X: str) -> str:
    """Convert a `ClassifierChainEnsemble`."""
    chains = [
        _chain(graph, chain, X, model.n_features_in_, model.chain_method) for chain in model.chains_
    ]
    return graph.add("Mean", *chains)


def _chain(graph: OnnxGraph, chain: Any, X: str, n_features: int, chain_method: str) -> str:
    """Return the probabilities of a chain; each label sees those before it."""
    n_labels = len(chain.order)
    models = Coefficients.of_binary_models(chain.links, n_features, n_labels)
    scores = models.scores(graph, X)
    probabilities = [""] * n_labels
    seen: list[str] = []
    for place, label in enumerate(chain.order):
        score = graph.columns(scores, [label])
        if seen:
            coef = models.seen_coef[[label]][:, chain.order[:place]]
            added = graph.add("MatMul", graph.concatenate(seen), graph.constant(coef.T))
            score = graph.add("Add", score, added)
        probabilities[label] = graph.add("Sigmoid", score)
        seen.append(_chain_feature(graph, probabilities[label], chain_method))
    return graph.concatenate(probabilities)


def _chain_feature(graph: OnnxGraph, probability: str, method: str) -> str:
    if method == "predict_proba":
        return probability
    return graph.cast(graph.add("Greater", probability, graph.constant(0.5)), np.float32)


def probabilistic_chain(graph: OnnxGraph, model: Any, X: str) -> str:
    """Convert a `ProbabilisticClassifierChain`: marginals of the enumerated label sets."""
    n_labels = len(model.order_)
    if n_labels > MAX_ENUMERATED_LABELS or model.inference not in ("auto", "exact"):
        raise not_exportable(
            f"a probabilistic chain is exported with exact inference for up to "
            f"{MAX_ENUMERATED_LABELS} labels, this one has {n_labels} and inference="
            f"{model.inference!r}"
        )
    models = Coefficients.of_binary_models(model.chain_.links, model.n_features_in_, n_labels)
    scores = models.scores(graph, X)
    one = graph.constant(1.0)
    sets: Array = np.zeros((1, n_labels))
    joint = ""
    for label in model.order_:
        by_seen = graph.constant((sets @ models.seen_coef[label])[None])
        score = graph.add("Add", graph.columns(scores, [label]), by_seen)
        present = graph.add("Sigmoid", score)
        absent = graph.add("Sub", one, present)
        if joint:
            present, absent = (graph.add("Mul", joint, part) for part in (present, absent))
        joint = graph.concatenate([absent, present])
        with_label = sets.copy()
        with_label[:, label] = 1
        sets = np.vstack([sets, with_label])
    return graph.add("MatMul", joint, graph.constant(sets))


def stacked(graph: OnnxGraph, model: Any, X: str) -> str:
    """Convert a `StackedBinaryRelevance`."""
    n_features = model.n_features_in_
    inputs = binary_probabilities(graph, model.first_, X, n_features)
    if model.stack_method == "decision_function":
        odds = log_odds(graph, inputs, PROBABILITY_MARGIN)
        inputs = graph.cast(odds, np.float32)
    inputs = graph.add("Mul", inputs, graph.constant(model.label_scale))
    n_labels = int(model.label_varies_.sum())
    if model.variant == "2BR":
        return binary_probabilities(graph, model.second_, inputs, n_labels)
    return _second_stage(graph, model.second_, X, inputs, (n_features, n_labels))


def dependent(graph: OnnxGraph, model: Any, X: str) -> str:
    """Convert a `DependentBinaryRelevance`."""
    sizes = model.n_features_in_, int(model.label_varies_.sum())
    probabilities = binary_probabilities(graph, model.first_, X, sizes[0])
    for _ in range(model.n_rounds):
        seen = _chain_feature(graph, probabilities, model.stack_method)
        probabilities = _second_stage(graph, model.second_, X, seen, sizes)
    return probabilities


def _second_stage(graph: OnnxGraph, models: Any, X: str, seen: str, sizes: tuple[int, int]) -> str:
    coefficients = Coefficients.of_binary_models(models, *sizes)
    added = graph.add("MatMul", seen, graph.constant(coefficients.seen_coef.T))
    return graph.add("Sigmoid", graph.add("Add", coefficients.scores(graph, X), added))


def label_ranking(graph: OnnxGraph, model: Any, X: str) -> str:
    """Convert a `CalibratedLabelRanking`: votes are linear in the probabilities."""
    n_labels, pairs = int(model.label_varies_.sum()), model.pairs_
    probabilities = binary_probabilities(graph, model.comparisons_, X, model.n_features_in_)
    votes = np.vstack([np.eye(n_labels), np.zeros((len(pairs), n_labels))])
    rows = n_labels + np.arange(len(pairs))
    votes[rows, pairs[:, 0]], votes[rows, pairs[:, 1]] = 1, -1
    n_compared = np.bincount(pairs.ravel(), minlength=n_labels)
    from_second = np.bincount(pairs[:, 1], minlength=n_labels)
    offset = (n_labels - 1 - n_compared) / 2 + from_second
    of_label = graph.add("MatMul", probabilities, graph.constant(votes))
    of_label = graph.add("Add", of_label, graph.constant(offset))
    against = -np.vstack([np.ones((n_labels, 1)), np.zeros((len(pairs), 1))])
    calibrating = graph.add("MatMul", probabilities, graph.constant(against))
    calibrating = graph.add("Add", calibrating, graph.constant(float(n_labels)))
    return graph.add("Div", of_label, graph.add("Add", of_label, calibrating))


def label_powerset(graph: OnnxGraph, model: Any, X: str) -> str:
    """Convert a `LabelPowerset`."""
    probabilities = class_probabilities(graph, model.estimator_, X)
    return graph.add("MatMul", probabilities, graph.constant(model.label_sets_))


def logistic_powerset(graph: OnnxGraph, model: Any, X: str) -> str:
    """Convert a `LogisticPowerset`."""
    scores = graph.linear(X, model.coef_, model.intercept_)
    probabilities = graph.add("Softmax", scores, axis=1)
    return graph.add("MatMul", probabilities, graph.constant(model.label_sets_))


def pruned_sets(graph: OnnxGraph, model: Any, X: str) -> str:
    """Convert `PrunedSets`."""
    return _set_marginals(graph, model.model_, X, model.model_.sets)


def pruned_set_ensemble(graph: OnnxGraph, model: Any, X: str) -> str:
    """Convert an `EnsemblePrunedSets`."""
    return graph.add("Mean", *(_set_marginals(graph, m, X, m.sets) for m in model.models_))


def rakel(graph: OnnxGraph, model: Any, X: str) -> str:
    """Convert a `RAkEL`: the mean over the groups that contain a label."""
    n_labels = int(model.label_varies_.sum())
    n_groups = np.bincount(np.concatenate(model.labelsets_), minlength=n_labels)
    parts = []
    for labels, set_model in zip(model.labelsets_, model.models_, strict=True):
        shares = np.zeros((len(set_model.sets), n_labels))
        shares[:, labels] = set_model.sets / n_groups[labels]
        parts.append(_set_marginals(graph, set_model, X, shares))
    return graph.add("Sum", *parts)


def _set_marginals(graph: OnnxGraph, model: Any, X: str, sets: Array) -> str:
    """Return the probabilities of label sets times a matrix of their labels."""
    if isinstance(model, TYPES["LogisticSetModel"]):
        scores = graph.linear(X, model.coef, model.intercept)
        probabilities = graph.add("Softmax", scores, axis=1)
    elif model.estimator is None:
        column = graph.add("Mul", graph.columns(X, [0]), graph.constant(0.0))
        probabilities = graph.add("Add", column, graph.constant(1.0))
    else:
        probabilities = class_probabilities(graph, model.estimator, X)
    return graph.add("MatMul", probabilities, graph.constant(sets))
