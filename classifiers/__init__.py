"""Vectors in, label probabilities out."""

from ._base import ConstantLabelWarning, MultiLabelClassifier
from .binary_relevance import BinaryRelevance
from .brknn import BRkNN
from .chain_ensemble import ClassifierChainEnsemble
from .classifier_chain import ClassifierChain
from .cplst import ConditionalPrincipalLabelSpace
from .dependent import DependentBinaryRelevance
from .fitted_parts import fitted_parts
from .heads import HeadClassifier
from .iblr import IBLR
from .label_calibrator import LabelCalibrator
from .label_powerset import LabelPowerset
from .label_ranking import CalibratedLabelRanking
from .label_sets import label_matrix, label_sets
from .linear_svm import LinearSVMBinaryRelevance
from .logistic import LogisticBinaryRelevance
from .logistic_cv import LogisticBinaryRelevanceCV
from .logistic_powerset import LogisticPowerset
from .mlknn import MLkNN
from .mlp import MultiLabelMLP
from .multilabel_splits import MultilabelGroupKFold, MultilabelKFold, MultilabelShuffleSplit
from .probabilistic_chain import ProbabilisticClassifierChain
from .pruned_sets import EnsemblePrunedSets, PrunedSets
from .rakel import RAkEL
from .region_max import RegionMaxClassifier
from .ridge import RidgeBinaryRelevance
from .stacked import StackedBinaryRelevance
from .threshold_tuner import ThresholdTuner
from .thresholds import best_threshold
from .trees import MultiLabelBoosting, MultiLabelForest

__all__ = [
    "IBLR",
    "BRkNN",
    "BinaryRelevance",
    "CalibratedLabelRanking",
    "ClassifierChain",
    "ClassifierChainEnsemble",
    "ConditionalPrincipalLabelSpace",
    "ConstantLabelWarning",
    "DependentBinaryRelevance",
    "EnsemblePrunedSets",
    "HeadClassifier",
    "LabelCalibrator",
    "LabelPowerset",
    "LinearSVMBinaryRelevance",
    "LogisticBinaryRelevance",
    "LogisticBinaryRelevanceCV",
    "LogisticPowerset",
    "MLkNN",
    "MultiLabelBoosting",
    "MultiLabelClassifier",
    "MultiLabelForest",
    "MultiLabelMLP",
    "MultilabelGroupKFold",
    "MultilabelKFold",
    "MultilabelShuffleSplit",
    "ProbabilisticClassifierChain",
    "PrunedSets",
    "RAkEL",
    "RegionMaxClassifier",
    "RidgeBinaryRelevance",
    "StackedBinaryRelevance",
    "ThresholdTuner",
    "best_threshold",
    "fitted_parts",
    "label_matrix",
    "label_sets",
]
