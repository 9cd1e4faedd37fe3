"""Multi-label classifiers of feature vectors with the scikit-learn interface."""

from ._base import (
    ConstantLabelWarning,
    LabelSets,
    MultiLabelClassifier,
    label_matrix,
    label_sets,
)
from .chains import (
    ClassifierChain,
    ClassifierChainEnsemble,
    DependentBinaryRelevance,
    ProbabilisticClassifierChain,
    StackedBinaryRelevance,
)
from .cplst import ConditionalPrincipalLabelSpace
from .linear import (
    BinaryRelevance,
    LinearSVMBinaryRelevance,
    LogisticBinaryRelevance,
    LogisticBinaryRelevanceCV,
    RidgeBinaryRelevance,
)
from .model_selection import MultilabelGroupKFold, MultilabelKFold, MultilabelShuffleSplit
from .neighbors import IBLR, BRkNN, MLkNN
from .neural import HeadClassifier, MultiLabelMLP
from .postprocessing import LabelCalibrator, ThresholdTuner, best_threshold
from .powersets import EnsemblePrunedSets, LabelPowerset, LogisticPowerset, PrunedSets, RAkEL
from .ranking import CalibratedLabelRanking
from .regions import RegionMaxClassifier
from .serializable_types import serializable_types
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
    "LabelSets",
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
    "label_matrix",
    "label_sets",
    "serializable_types",
]
