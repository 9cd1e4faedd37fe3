"""Methods that can be compared, by the names of `--methods`."""

from .method import CONSTANT, LOGISTIC, NEIGHBOURS, Grid, Method
from .registry import (
    DEFAULT_METHODS,
    METHODS,
    independent_reference,
    independent_references,
    is_selectable,
    select_methods,
)

__all__ = [
    "CONSTANT",
    "DEFAULT_METHODS",
    "LOGISTIC",
    "METHODS",
    "NEIGHBOURS",
    "Grid",
    "Method",
    "independent_reference",
    "independent_references",
    "is_selectable",
    "select_methods",
]
