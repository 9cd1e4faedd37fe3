"""Linear heads with the losses of the forum thread, and a multi-layer perceptron."""

from .heads import HeadClassifier
from .mlp import MultiLabelMLP

__all__ = ["HeadClassifier", "MultiLabelMLP"]
