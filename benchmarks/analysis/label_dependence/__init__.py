"""How much the labels of a data set depend on one another."""

from .measure import label_dependence, measure_dependence

__all__ = ["label_dependence", "measure_dependence"]
