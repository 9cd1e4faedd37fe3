"""The methods that can be compared, by the names that `--methods` takes."""

from .method import Grid, Method
from .select import MAIN, METHODS, independent_reference, select_methods

__all__ = ["MAIN", "METHODS", "Grid", "Method", "independent_reference", "select_methods"]
