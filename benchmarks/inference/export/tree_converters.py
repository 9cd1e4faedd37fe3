"""Forests and boosting in ONNX, as tree ensembles."""

from typing import Any

import numpy as np

from .onnx_graph import ML_DOMAIN, Array, OnnxGraph


def forest(graph: OnnxGraph, model: Any, X: str) -> str:
    """Convert a `MultiLabelForest`."""
    trees = [tree.tree_ for tree in model.forest_.estimators_]
    leaf_values = [tree.value[:, :, 1] / tree.value.sum(axis=2) / len(trees) for tree in trees]
    return _ensemble(graph, trees, leaf_values, _tree_inputs(graph, model.units_, X))


def boosting(graph: OnnxGraph, model: Any, X: str) -> str:
    """Convert a `MultiLabelBoosting`."""
    trees = [tree.tree_ for tree in model.trees_]
    scores = _ensemble(graph, trees, model.leaf_values_, _tree_inputs(graph, model.units_, X))
    return graph.add("Sigmoid", graph.add("Add", scores, graph.constant(model.prior_)))


def _tree_inputs(graph: OnnxGraph, units: Any, X: str) -> str:
    """Return the features in the units of the trees, computed in the precision of NumPy."""
    if not units.offset.any() and (units.unit == 1).all():
        return X
    X = graph.cast(X, np.float64)
    X = graph.add("Sub", X, graph.constant(units.offset, np.float64))
    return graph.cast(graph.add("Div", X, graph.constant(units.unit, np.float64)), np.float32)


def _ensemble(graph: OnnxGraph, trees: list[Any], leaf_values: list[Array], X: str) -> str:
    """Return the sum over trees of the values of the leaves that the rows reach."""
    nodes: dict[str, list[Any]] = {
        name: []
        for name in (
            *("treeids", "nodeids", "featureids", "values", "modes"),
            *("truenodeids", "falsenodeids", "missing_value_tracks_true"),
        )
    }
    targets: dict[str, list[Any]] = {name: [] for name in ("treeids", "nodeids", "ids", "weights")}
    for number, (tree, values) in enumerate(zip(trees, leaf_values, strict=True)):
        leaf = tree.children_left < 0
        nodes["treeids"] += [number] * tree.node_count
        nodes["nodeids"] += range(tree.node_count)
        nodes["featureids"] += np.maximum(tree.feature, 0).tolist()
        nodes["values"] += np.where(leaf, 0, _rounded_down(tree.threshold)).tolist()
        nodes["modes"] += np.where(leaf, "LEAF", "BRANCH_LEQ").tolist()
        nodes["truenodeids"] += np.maximum(tree.children_left, 0).tolist()
        nodes["falsenodeids"] += np.maximum(tree.children_right, 0).tolist()
        nodes["missing_value_tracks_true"] += [0] * tree.node_count
        for node in np.flatnonzero(leaf):
            n_labels = values.shape[1]
            targets["treeids"] += [number] * n_labels
            targets["nodeids"] += [int(node)] * n_labels
            targets["ids"] += range(n_labels)
            targets["weights"] += values[node].tolist()
    return graph.add(
        "TreeEnsembleRegressor",
        X,
        domain=ML_DOMAIN,
        n_targets=leaf_values[0].shape[1],
        aggregate_function="SUM",
        post_transform="NONE",
        **{f"nodes_{name}": values for name, values in nodes.items()},
        **{f"target_{name}": values for name, values in targets.items()},
    )


def _rounded_down(threshold: Array) -> Array:
    """Return the largest float32 up to each threshold, so that float32 inputs compare alike."""
    rounded = threshold.astype(np.float32)
    lower: Array = np.nextafter(rounded, np.float32(-np.inf))
    return np.where(rounded > threshold, lower, rounded)
