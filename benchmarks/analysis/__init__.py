"""Figures computed from the cross-validated predictions."""

from .backbone_comparison import DependenceCode, compare_backbones
from .baseline_comparison import compare_with_baseline
from .best_methods import PURPOSES, find_best
from .confident_errors import find_confident_errors
from .further_analyses import run_further_analyses
from .label_count_accuracy import accuracy_by_label_count
from .method_comparison import ScoredPredictions, build_method_entries, resample_results
from .purpose_verdicts import (
    SUFFICES,
    HeadlineCode,
    PurposeCode,
    SignificanceCode,
    derive_verdicts,
    significance_code,
)
from .recommendation import MIN_EFFECT, recommend
from .scaling import measure_cost, worth_timing
from .test_set_size import (
    MIN_TEST_IMAGES,
    MIN_TEST_POSITIVES,
    CautionCode,
    Remedy,
    describe_test_labels,
    find_cautions,
)
from .timing import time_features

__all__ = [
    "MIN_EFFECT",
    "MIN_TEST_IMAGES",
    "MIN_TEST_POSITIVES",
    "PURPOSES",
    "SUFFICES",
    "CautionCode",
    "DependenceCode",
    "HeadlineCode",
    "PurposeCode",
    "Remedy",
    "ScoredPredictions",
    "SignificanceCode",
    "accuracy_by_label_count",
    "build_method_entries",
    "compare_backbones",
    "compare_with_baseline",
    "derive_verdicts",
    "describe_test_labels",
    "find_best",
    "find_cautions",
    "find_confident_errors",
    "measure_cost",
    "recommend",
    "resample_results",
    "run_further_analyses",
    "significance_code",
    "time_features",
    "worth_timing",
]
