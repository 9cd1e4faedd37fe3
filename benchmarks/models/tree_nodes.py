"""Scikit-learn's trees as plain arrays, and back.

A tree walks its nodes without looking where it steps: what comes from a file is checked first, for
a node number beyond the end would read another program's memory, and a circle would never end.
"""

from typing import Any

import numpy as np
from sklearn.tree._tree import NODE_DTYPE, Tree

from .errors import RefusalError

_LEAF = -1


def nodes_of(tree: Tree) -> dict[str, Any]:
    """Give a tree as one array per property of its nodes."""
    _, (n_features, n_classes, n_outputs), state = tree.__reduce__()
    nodes = state["nodes"]
    return {
        "n_features": int(n_features),
        "n_classes": np.asarray(n_classes),
        "n_outputs": int(n_outputs),
        "max_depth": int(state["max_depth"]),
        "values": state["values"],
        **{f"node_{name}": np.ascontiguousarray(nodes[name]) for name in nodes.dtype.names},
    }


def grow(state: dict[str, Any]) -> Tree:
    """Make the tree again.

    Raises
    ------
    RefusalError
        If a step would lead out of it or back.
    """
    properties = {f"node_{name}" for name in NODE_DTYPE.names}
    named = {"n_features", "n_classes", "n_outputs", "max_depth", "values"}
    if set(state) != properties | named:
        raise RefusalError("a tree as this scikit-learn does not know it")
    n_classes, values = state["n_classes"], state["values"]
    columns = [state[name] for name in properties]
    if not all(isinstance(part, np.ndarray) for part in (n_classes, values, *columns)):
        raise RefusalError("a tree without its nodes")
    for name in ("n_features", "n_outputs", "max_depth"):
        if type(state[name]) is not int or state[name] < 0:
            raise RefusalError(f"a tree with {name} = {state[name]!r}")
    count = len(values)
    if any(part.shape != (count,) for part in columns) or values.dtype != np.float64:
        raise RefusalError("a tree whose nodes do not fit one another")
    classes = n_classes.shape == (state["n_outputs"],) and (n_classes > 0).all()
    if not count or not classes or values.shape != (count, len(n_classes), n_classes.max()):
        raise RefusalError("a tree whose leaves do not fit its classes")
    nodes = np.empty(count, NODE_DTYPE)
    for name in NODE_DTYPE.names:
        if state[f"node_{name}"].dtype != NODE_DTYPE[name]:
            raise RefusalError(f"a tree whose {name} is of another kind")
        nodes[name] = state[f"node_{name}"]
    _check_steps(nodes, state["n_features"])
    tree = Tree(state["n_features"], n_classes.astype(np.intp), state["n_outputs"])
    tree.__setstate__(
        {
            "max_depth": state["max_depth"],
            "node_count": count,
            "nodes": nodes,
            "values": np.ascontiguousarray(values),
        }
    )
    return tree


def _check_steps(nodes: np.ndarray, n_features: int) -> None:
    """Let every step lead to a node further on, and every question be about a feature."""
    inner = nodes["left_child"] != _LEAF
    numbers = np.arange(len(nodes))[inner]
    for side in ("left_child", "right_child"):
        child = nodes[side][inner]
        if (child <= numbers).any() or (child >= len(nodes)).any():
            raise RefusalError("a tree whose branches lead nowhere")
    feature = nodes["feature"][inner]
    if (feature < 0).any() or (feature >= n_features).any():
        raise RefusalError("a tree that asks for a feature that is not there")


def check_tree(estimator: Any) -> None:
    """Let a tree, if it is fitted, be asked about as many features as it has questions for."""
    tree = getattr(estimator, "tree_", None)
    if tree is None:
        return
    if not isinstance(tree, Tree):
        raise RefusalError("a tree without its nodes")
    if estimator.n_features_in_ != tree.n_features or estimator.n_outputs_ != tree.n_outputs:
        raise RefusalError("a tree of another shape than it says")


def check_forest(estimator: Any) -> None:
    """Let all trees of a forest be asked about the features that the forest is asked about."""
    for tree in getattr(estimator, "estimators_", ()):
        check_tree(tree)
        if not hasattr(tree, "tree_") or tree.n_features_in_ != estimator.n_features_in_:
            raise RefusalError("a forest with a tree of another number of features")
