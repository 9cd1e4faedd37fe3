"""The methods that can be compared, by the names that `--methods` takes."""

from .baseline import CONSTANT, ConstantAnswers, fit_constant
from .method import LOGISTIC, NEIGHBOURS, Grid, Method
from .selection import MAIN, METHODS, independent_reference, select_methods

__all__ = [
    "CONSTANT",
    "LOGISTIC",
    "MAIN",
    "METHODS",
    "NEIGHBOURS",
    "ConstantAnswers",
    "Grid",
    "Method",
    "fit_constant",
    "independent_reference",
    "select_methods",
]
