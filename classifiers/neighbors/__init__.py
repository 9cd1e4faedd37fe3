"""Nearest-neighbor classifiers, which share one neighbor table."""

from .brknn import BRkNN
from .iblr import IBLR
from .mlknn import MLkNN

__all__ = ["IBLR", "BRkNN", "MLkNN"]
