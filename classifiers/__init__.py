"""Vectors in, label probabilities out."""

from ._base import ConstantLabelWarning, MultiLabelClassifier
from .binary_relevance import BinaryRelevance
from .chain_ensemble import ClassifierChainEnsemble
from .classifier_chain import ClassifierChain
from .dependent import DependentBinaryRelevance
from .label_powerset import LabelPowerset
from .label_ranking import CalibratedLabelRanking
from .logistic import LogisticBinaryRelevance
from .logistic_cv import LogisticBinaryRelevanceCV
from .logistic_powerset import LogisticPowerset
from .mlknn import MLkNN
from .multilabel_splits import MultilabelGroupKFold, MultilabelKFold, MultilabelShuffleSplit
from .probabilistic_chain import ProbabilisticClassifierChain
from .pruned_sets import EnsemblePrunedSets, PrunedSets
from .rakel import RAkEL
from .stacked import StackedBinaryRelevance

__all__ = [
    "BinaryRelevance",
    "CalibratedLabelRanking",
    "ClassifierChain",
    "ClassifierChainEnsemble",
    "ConstantLabelWarning",
    "DependentBinaryRelevance",
    "EnsemblePrunedSets",
    "LabelPowerset",
    "LogisticBinaryRelevance",
    "LogisticBinaryRelevanceCV",
    "LogisticPowerset",
    "MLkNN",
    "MultiLabelClassifier",
    "MultilabelGroupKFold",
    "MultilabelKFold",
    "MultilabelShuffleSplit",
    "ProbabilisticClassifierChain",
    "PrunedSets",
    "RAkEL",
    "StackedBinaryRelevance",
]
