"""How much the labels of a data set depend on one another."""

from .labels import label_dependence
from .measure import measure_dependence

__all__ = ["label_dependence", "measure_dependence"]
