"""Neural network heads with various losses, and a multi-layer perceptron."""

from .heads import HeadClassifier
from .mlp import MultiLabelMLP

__all__ = ["HeadClassifier", "MultiLabelMLP"]
