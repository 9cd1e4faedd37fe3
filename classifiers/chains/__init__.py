"""Classifier chains, stacking and dependent binary relevance."""

from .classifier_chain import ClassifierChain, ClassifierChainEnsemble
from .probabilistic_chain import ProbabilisticClassifierChain
from .stacking import DependentBinaryRelevance, StackedBinaryRelevance

__all__ = [
    "ClassifierChain",
    "ClassifierChainEnsemble",
    "DependentBinaryRelevance",
    "ProbabilisticClassifierChain",
    "StackedBinaryRelevance",
]
