"""The classes of which fitted classifiers consist, for serialization."""

from . import trees as _trees
from ._base import base as _base
from ._base import base_estimators as _base_estimators
from ._meta import binary_problems as _binary_problems
from ._meta import logistic_problems as _logistic_problems
from .chains import fitted_chain as _chain
from .neighbors import neighbor_table as neighbors
from .powersets import set_models as _set_models


def serializable_types() -> dict[str, type]:
    """Return all classes of `catnocat.classifiers` that a fitted classifier may contain, by name.

    The state of an object of these classes is its attributes: numbers, texts, arrays; lists, tuples
    and dictionaries of these; scikit-learn's estimators; and objects of these classes. An object
    that is created without `__init__` and gets these attributes predicts as before.

    Returns
    -------
    dict of str to type

    Examples
    --------
    >>> from catnocat.classifiers import serializable_types
    >>> types = serializable_types()
    >>> types["MLkNN"].__name__, "NeighborTable" in types
    ('MLkNN', True)
    """
    # Model files contain these names: they stay the same when a class is renamed.
    inner = {
        "Chain": _chain.Chain,
        "LogisticModels": _logistic_problems.LogisticModels,
        "EstimatorModels": _binary_problems.EstimatorModels,
        "LogisticSetModel": _set_models.LogisticSetModel,
        "SetModel": _set_models.SetModel,
        "TreeUnits": _trees.TreeUnits,
        "YesNo": _base_estimators.BinaryModel,
        "NeighborTable": neighbors.NeighborTable,
    }
    estimators = _with_subclasses(_base.MultiLabelClassifier)
    return {cls.__name__: cls for cls in estimators} | inner


def _with_subclasses(base: type) -> list[type]:
    """Return a class and all its subclasses in `catnocat.classifiers`."""
    subclasses: list[type] = base.__subclasses__()
    ours = [sub for sub in subclasses if sub.__module__.startswith(f"{__package__}.")]
    return [base, *(cls for sub in ours for cls in _with_subclasses(sub))]
