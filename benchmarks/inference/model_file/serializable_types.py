"""The closed list of classes that a model file may contain.

A file never names a module or a function, only entries of this list.
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

from ....classifiers import serializable_types
from .archive import InvalidModelFileError

_LEAF = -1


def tree_state(tree: Tree) -> dict[str, Any]:
    """Return a tree as one array per property of its nodes."""
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


def build_tree(state: dict[str, Any]) -> Tree:
    """Build a tree from its state.

    Raises
    ------
    InvalidModelFileError
        If a branch leads outside the tree or backwards.
    """
    properties = {f"node_{name}" for name in NODE_DTYPE.names}
    members = {"n_features", "n_classes", "n_outputs", "max_depth", "values"}
    if set(state) != properties | members:
        raise InvalidModelFileError("a tree of another version of scikit-learn")
    n_classes, values = state["n_classes"], state["values"]
    columns = [state[name] for name in properties]
    if not all(isinstance(array, np.ndarray) for array in (n_classes, values, *columns)):
        raise InvalidModelFileError("a tree without nodes")
    for name in ("n_features", "n_outputs", "max_depth"):
        if type(state[name]) is not int or state[name] < 0:
            raise InvalidModelFileError(f"a tree with {name} = {state[name]!r}")
    count = len(values)
    if any(column.shape != (count,) for column in columns) or values.dtype != np.float64:
        raise InvalidModelFileError("a tree with inconsistent node arrays")
    valid_classes = n_classes.shape == (state["n_outputs"],) and (n_classes > 0).all()
    if not count or not valid_classes or values.shape != (count, len(n_classes), n_classes.max()):
        raise InvalidModelFileError("a tree whose leaves do not match its classes")
    nodes = np.empty(count, NODE_DTYPE)
    for name in NODE_DTYPE.names:
        if state[f"node_{name}"].dtype != NODE_DTYPE[name]:
            raise InvalidModelFileError(f"a tree whose {name} has another type")
        nodes[name] = state[f"node_{name}"]
    _check_branches(nodes, state["n_features"])
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


def _check_branches(nodes: np.ndarray, n_features: int) -> None:
    """Check that children have higher numbers than their parents and features exist."""
    inner = nodes["left_child"] != _LEAF
    numbers = np.arange(len(nodes))[inner]
    for side in ("left_child", "right_child"):
        child = nodes[side][inner]
        if (child <= numbers).any() or (child >= len(nodes)).any():
            raise InvalidModelFileError("a tree with invalid branches")
    feature = nodes["feature"][inner]
    if (feature < 0).any() or (feature >= n_features).any():
        raise InvalidModelFileError("a tree that uses a feature that does not exist")


def check_tree(estimator: Any) -> None:
    """Check that a fitted tree estimator declares the shape that its tree has."""
    tree = getattr(estimator, "tree_", None)
    if tree is None:
        return
    if not isinstance(tree, Tree):
        raise InvalidModelFileError("a tree without nodes")
    if estimator.n_features_in_ != tree.n_features or estimator.n_outputs_ != tree.n_outputs:
        raise InvalidModelFileError("a tree of another shape than its estimator declares")


def check_forest(estimator: Any) -> None:
    """Check that all trees of a forest have the number of features of the forest."""
    for tree in getattr(estimator, "estimators_", ()):
        check_tree(tree)
        if not hasattr(tree, "tree_") or tree.n_features_in_ != estimator.n_features_in_:
            raise InvalidModelFileError("a forest with a tree of another number of features")


State = dict[str, Any]


@dataclass(frozen=True)
class SerializableType:
    """A class whose objects a model file may contain.

    Attributes
    ----------
    name : str
        Its name in the file; unchanged when the class moves.
    cls : type
    get_state : callable
        Returns the attributes of an object that are written.
    build : callable
        Builds an object from these attributes.
    """

    name: str
    cls: type
    get_state: Callable[[Any], State]
    build: Callable[[State], Any]


#: The fitted attributes that scikit-learn's estimators need for prediction.
_FITTED_ATTRIBUTES: dict[type, tuple[str, ...]] = {
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
# Parameters of the machine that fitted the model; they are reset when the model is written.
_RESET_PARAMETERS = {"n_jobs": None, "verbose": 0}


@cache
def types_by_name() -> dict[str, SerializableType]:
    """Return all serializable types by their name in the file."""
    ours = [
        SerializableType(name, cls, _our_state, lambda state, cls=cls: _build_ours(cls, state))  # type: ignore[misc]
        for name, cls in serializable_types().items()
    ]
    sklearn = [
        SerializableType(
            f"sklearn.{cls.__name__}",
            cls,
            lambda value, fitted=fitted: _sklearn_state(value, fitted),  # type: ignore[misc]
            lambda state, cls=cls: _build_sklearn(cls, state),  # type: ignore[misc]
        )
        for cls, fitted in _FITTED_ATTRIBUTES.items()
    ]
    tree = SerializableType("sklearn.Tree", Tree, tree_state, build_tree)
    return {entry.name: entry for entry in (*ours, *sklearn, tree)}


def find_serializable_type(cls: type) -> SerializableType | None:
    """Return the entry of exactly this class; subclasses do not match."""
    return next((entry for entry in types_by_name().values() if entry.cls is cls), None)


def _our_state(value: Any) -> State:
    return {name: _RESET_PARAMETERS.get(name, item) for name, item in vars(value).items()}


def _build_ours(cls: type, state: State) -> Any:
    """Build an object of one of our classes with exactly these attributes."""
    parameters = _parameters(cls)
    if missing := [name for name in parameters if name not in state]:
        raise InvalidModelFileError(f"a {cls.__name__} without {missing[0]}")
    if is_dataclass(cls) and len(state) > len(parameters):
        raise InvalidModelFileError(f"a {cls.__name__} with unknown attributes")
    for name in state:
        is_fitted = name.isidentifier() and not name.startswith("__") and not hasattr(cls, name)
        if name not in parameters and not is_fitted:
            raise InvalidModelFileError(
                f"a {cls.__name__} with the invalid attribute {name[:40]!r}"
            )
    value: Any = object.__new__(cls)
    value.__dict__.update(state)
    return value


@cache
def _parameters(cls: type) -> tuple[str, ...]:
    if is_dataclass(cls):
        return tuple(field.name for field in fields(cls))
    if not hasattr(cls, "get_params"):
        return ()
    return tuple(inspect.signature(cls).parameters)


def _sklearn_state(value: Any, fitted: tuple[str, ...]) -> State:
    parameters = value.get_params(deep=False)
    state = {name: _RESET_PARAMETERS.get(name, item) for name, item in parameters.items()}
    return state | {name: getattr(value, name) for name in fitted if hasattr(value, name)}


def _build_sklearn(cls: type, state: State) -> Any:
    parameters = set(inspect.signature(cls).parameters)
    fitted = _FITTED_ATTRIBUTES[cls]
    if unknown := [name for name in state if name not in parameters | set(fitted)]:
        raise InvalidModelFileError(
            f"a {cls.__name__} with {unknown[0][:40]!r}, which this scikit-learn does not have"
        )
    value = cls(**{name: item for name, item in state.items() if name in parameters})
    for name in fitted:
        if name in state:
            setattr(value, name, state[name])
    if cls in _CHECKS:
        _CHECKS[cls](value)
    return value
