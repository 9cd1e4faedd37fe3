"""How much the labels of a data set depend on one another."""

from .labels import label_dependence

__all__ = ["label_dependence"]
