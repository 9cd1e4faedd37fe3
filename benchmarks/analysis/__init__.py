"""Figures and codes computed from the cross-validated predictions."""

from .analyse import analyse
from .backbone_comparison import DependenceCode, compare_backbones
from .best_methods import PURPOSES, compare_with_baseline, find_best, find_reference
from .confident_errors import find_confident_errors
from .dataset_ranking import rank_over_datasets
from .label_count import THIS_RECIPE
from .method_comparison import (
    ScoredPredictions,
    accuracy_by_label_count,
    build_method_entries,
    resample_results,
)
from .recommendation import MIN_EFFECT, recommend
from .results import (
    Analysis,
    BestMethods,
    Caution,
    ConfidentError,
    Cost,
    Crowding,
    CrowdingEffect,
    Dependence,
    Difference,
    Estimate,
    Intervention,
    JointResults,
    MethodEntry,
    Results,
    SkippedImage,
)
from .timing import measure_cost, methods_to_time, time_features
from .verdicts import (
    MIN_TEST_IMAGES,
    MIN_TEST_POSITIVES,
    SUFFICES,
    CautionCode,
    HeadlineCode,
    PurposeCode,
    Remedy,
    SignificanceCode,
    derive_verdicts,
    describe_test_labels,
    find_cautions,
    significance_code,
)

__all__ = [
    "MIN_EFFECT",
    "MIN_TEST_IMAGES",
    "MIN_TEST_POSITIVES",
    "PURPOSES",
    "SUFFICES",
    "THIS_RECIPE",
    "Analysis",
    "BestMethods",
    "Caution",
    "CautionCode",
    "ConfidentError",
    "Cost",
    "Crowding",
    "CrowdingEffect",
    "Dependence",
    "DependenceCode",
    "Difference",
    "Estimate",
    "HeadlineCode",
    "Intervention",
    "JointResults",
    "MethodEntry",
    "PurposeCode",
    "Remedy",
    "Results",
    "ScoredPredictions",
    "SignificanceCode",
    "SkippedImage",
    "accuracy_by_label_count",
    "analyse",
    "build_method_entries",
    "compare_backbones",
    "compare_with_baseline",
    "derive_verdicts",
    "describe_test_labels",
    "find_best",
    "find_cautions",
    "find_confident_errors",
    "find_reference",
    "measure_cost",
    "methods_to_time",
    "rank_over_datasets",
    "recommend",
    "resample_results",
    "significance_code",
    "time_features",
]
