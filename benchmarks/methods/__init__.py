"""The methods that can be compared, by the names that `--methods` takes."""

from .baseline import CONSTANT, ConstantAnswers, fit_constant
from .method import Grid, Method
from .select import MAIN, METHODS, independent_reference, select_methods

__all__ = [
    "CONSTANT",
    "MAIN",
    "METHODS",
    "ConstantAnswers",
    "Grid",
    "Method",
    "fit_constant",
    "independent_reference",
    "select_methods",
]
