"""Fit every method on the training images and score it on the test images."""

from ..options import DEFAULT_MAX_PREDICTIONS, BenchOptions
from .constant_baseline import constant_baseline
from .cross_validation import (
    MethodResult,
    PooledPredictions,
    compare,
    pool_predictions,
    run_method,
    scored_rows,
)
from .dataset import CrossValidatedPredictions, Dataset, evaluate, labels_not_learned, load
from .fit import FittedMethod, build_pipeline, fit_method
from .leakage import handle_leakage
from .model_selection import fit_pipeline
from .predictions import (
    SavedPredictions,
    read_predictions,
    write_predictions,
)
from .splits import (
    INNER_FOLDS,
    Fold,
    describe_protocol,
    fold_numbers,
    inner_folds,
    outer_folds,
    planned_test_rows,
    relative_test_size,
)
from .thresholding import AIMS, SetRule, apply_thresholds, exact_matches, predictions_by_metric
from .vissl import VISSL_METHOD, average_precision_variants, evaluate_vissl
from .zero_shot import PROMPT_KINDS, run_zero_shot

__all__ = [
    "AIMS",
    "DEFAULT_MAX_PREDICTIONS",
    "INNER_FOLDS",
    "PROMPT_KINDS",
    "VISSL_METHOD",
    "BenchOptions",
    "CrossValidatedPredictions",
    "Dataset",
    "FittedMethod",
    "Fold",
    "MethodResult",
    "PooledPredictions",
    "SavedPredictions",
    "SetRule",
    "apply_thresholds",
    "average_precision_variants",
    "build_pipeline",
    "compare",
    "constant_baseline",
    "describe_protocol",
    "evaluate",
    "evaluate_vissl",
    "exact_matches",
    "fit_method",
    "fit_pipeline",
    "fold_numbers",
    "handle_leakage",
    "inner_folds",
    "labels_not_learned",
    "load",
    "outer_folds",
    "planned_test_rows",
    "pool_predictions",
    "predictions_by_metric",
    "read_predictions",
    "relative_test_size",
    "run_method",
    "run_zero_shot",
    "scored_rows",
    "write_predictions",
]
