"""The closed table of what a model may be made of.

Nothing in a file names a module or a function: it names entries of this table.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Any

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import LabelBinarizer, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier
from sklearn.tree._tree import NODE_DTYPE, Tree

from ....classifiers import fitted_parts
from .json_and_arrays import RefusalError

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


State = dict[str, Any]


@dataclass(frozen=True)
class Part:
    """A class that may stand in a file.

    Attributes
    ----------
    name : str
        What the file calls it; stays when the class moves.
    cls : type
    state : callable
        Gives what of an object is written.
    build : callable
        Makes an object of that.
    """

    name: str
    cls: type
    state: Callable[[Any], State]
    build: Callable[[State], Any]


#: What scikit-learn's estimators need besides their parameters to answer.
_LEARNED: dict[type, tuple[str, ...]] = {
    StandardScaler: ("mean_", "scale_", "var_", "n_samples_seen_", "n_features_in_"),
    LogisticRegression: ("classes_", "coef_", "intercept_", "n_iter_", "n_features_in_"),
    LabelBinarizer: ("classes_", "y_type_", "sparse_input_"),
    MLPClassifier: (
        *("_label_binarizer", "classes_", "coefs_", "intercepts_", "n_features_in_"),
        *("n_layers_", "n_outputs_", "out_activation_"),
    ),
    **dict.fromkeys(
        (DecisionTreeClassifier, ExtraTreeClassifier),
        ("classes_", "n_classes_", "n_outputs_", "n_features_in_", "max_features_", "tree_"),
    ),
    DecisionTreeRegressor: ("n_outputs_", "n_features_in_", "max_features_", "tree_"),
    **dict.fromkeys(
        (ExtraTreesClassifier, RandomForestClassifier),
        ("classes_", "n_classes_", "n_outputs_", "n_features_in_", "estimators_"),
    ),
    Pipeline: (),
}
_CHECKS: dict[type, Callable[[Any], None]] = {
    **dict.fromkeys(
        (DecisionTreeClassifier, ExtraTreeClassifier, DecisionTreeRegressor), check_tree
    ),
    **dict.fromkeys((ExtraTreesClassifier, RandomForestClassifier), check_forest),
}
# How many processes once worked on it is nobody's business where it is read.
_FORGOTTEN = {"n_jobs": None, "verbose": 0}


@cache
def parts() -> dict[str, Part]:
    """Give the table by name."""
    ours = [
        Part(name, cls, _own_state, lambda state, cls=cls: _revived(cls, state))  # type: ignore[misc]
        for name, cls in fitted_parts().items()
    ]
    theirs = [
        Part(
            f"sklearn.{cls.__name__}",
            cls,
            lambda one, learned=learned: _their_state(one, learned),  # type: ignore[misc]
            lambda state, cls=cls: _their_build(cls, state),  # type: ignore[misc]
        )
        for cls, learned in _LEARNED.items()
    ]
    tree = Part("sklearn.Tree", Tree, nodes_of, grow)
    return {part.name: part for part in (*ours, *theirs, tree)}


def part_of(cls: type) -> Part | None:
    """Give a class's entry; a subclass is another class."""
    return next((part for part in parts().values() if part.cls is cls), None)


def _own_state(one: Any) -> State:
    return {name: _FORGOTTEN.get(name, value) for name, value in vars(one).items()}


def _revived(cls: type, state: State) -> Any:
    """Make an object of ours with exactly these attributes."""
    needed = _parameters(cls)
    if missing := [name for name in needed if name not in state]:
        raise RefusalError(f"{cls.__name__} without {missing[0]}")
    if is_dataclass(cls) and len(state) > len(needed):
        raise RefusalError(f"{cls.__name__} has attributes that it knows nothing of")
    for name in state:
        learned = name.isidentifier() and not name.startswith("__") and not hasattr(cls, name)
        if name not in needed and not learned:
            raise RefusalError(f"{cls.__name__} has no attribute {name[:40]!r}")
    one: Any = object.__new__(cls)
    one.__dict__.update(state)
    return one


@cache
def _parameters(cls: type) -> tuple[str, ...]:
    if is_dataclass(cls):
        return tuple(field.name for field in fields(cls))
    if not hasattr(cls, "get_params"):
        return ()
    return tuple(name for name in inspect.signature(cls).parameters)


def _their_state(one: Any, learned: tuple[str, ...]) -> State:
    params = one.get_params(deep=False)
    state = {name: _FORGOTTEN.get(name, value) for name, value in params.items()}
    return state | {name: getattr(one, name) for name in learned if hasattr(one, name)}


def _their_build(cls: type, state: State) -> Any:
    parameters = set(inspect.signature(cls).parameters)
    if unknown := [name for name in state if name not in parameters | set(_LEARNED[cls])]:
        raise RefusalError(f"scikit-learn's {cls.__name__} has no {unknown[0][:40]!r} here")
    one = cls(**{name: value for name, value in state.items() if name in parameters})
    for name in _LEARNED[cls]:
        if name in state:
            setattr(one, name, state[name])
    if cls in _CHECKS:
        _CHECKS[cls](one)
    return one
