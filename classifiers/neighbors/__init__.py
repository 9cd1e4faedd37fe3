"""Nearest-neighbour classifiers."""

from .neighbor_classifiers import IBLR, BRkNN, MLkNN

__all__ = ["IBLR", "BRkNN", "MLkNN"]
