"""Binary relevance: independent linear models, one per label."""

from .binary_relevance import BinaryRelevance
from .linear_svm import LinearSVMBinaryRelevance
from .logistic import LogisticBinaryRelevance, LogisticBinaryRelevanceCV
from .ridge import RidgeBinaryRelevance

__all__ = [
    "BinaryRelevance",
    "LinearSVMBinaryRelevance",
    "LogisticBinaryRelevance",
    "LogisticBinaryRelevanceCV",
    "RidgeBinaryRelevance",
]
