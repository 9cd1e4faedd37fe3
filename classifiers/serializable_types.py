"""Of which classes a fitted classifier is made, for those who write one down and read it again."""

from . import trees as _tree_units
from ._base import base as _base
from ._base import base_estimators as _yes_no
from ._meta import binary_problems as _questions
from ._meta import logistic_problems as _logistic_questions
from .chains import fitted_chain as _chain
from .neighbors import neighbor_table as neighbors
from .powersets import set_models as _set_models


def fitted_parts() -> dict[str, type]:
    """Give every class of this room that a fitted classifier may hold, by its name.

    A part is nothing but its attributes: numbers, texts, arrays, lists, tuples and dictionaries of
    these, scikit-learn's estimators and other parts. Made without calling `__init__` and given back
    these attributes, it answers as before.

    Returns
    -------
    dict of str to type

    Examples
    --------
    >>> from catnocat.classifiers import fitted_parts
    >>> parts = fitted_parts()
    >>> parts["MLkNN"].__name__, "NeighborTable" in parts
    ('MLkNN', True)
    """
    inner = (
        _chain.Chain,
        _logistic_questions.LogisticModels,
        _questions.EstimatorModels,
        _set_models.LogisticSetModel,
        _set_models.SetModel,
        _tree_units.TreeUnits,
        _yes_no.YesNo,
        neighbors.NeighborTable,
    )
    return {part.__name__: part for part in (*_below(_base.MultiLabelClassifier), *inner)}


def _below(base: type) -> list[type]:
    """Give a class of this room and all that inherit from it."""
    subclasses: list[type] = base.__subclasses__()
    ours = [sub for sub in subclasses if sub.__module__.startswith(f"{__package__}.")]
    return [base, *(found for sub in ours for found in _below(sub))]
