"""Statistical dependence between the labels of a data set."""

from .measure import label_dependence, measure_dependence

__all__ = ["label_dependence", "measure_dependence"]
