"""The methods that can be compared, by the names that `--methods` takes."""

from .baseline import CONSTANT, ConstantPredictions, fit_constant
from .method import LOGISTIC, NEIGHBOURS, Grid, Method
from .selection import DEFAULT_METHODS, METHODS, independent_reference, select_methods

__all__ = [
    "CONSTANT",
    "DEFAULT_METHODS",
    "LOGISTIC",
    "METHODS",
    "NEIGHBOURS",
    "ConstantPredictions",
    "Grid",
    "Method",
    "fit_constant",
    "independent_reference",
    "select_methods",
]
