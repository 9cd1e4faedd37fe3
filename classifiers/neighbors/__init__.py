"""Nearest-neighbour classifiers."""

from .brknn import BRkNN
from .iblr import IBLR
from .mlknn import MLkNN

__all__ = ["IBLR", "BRkNN", "MLkNN"]
