"""Fit every method on the training images and score it on the test images."""

from .config import BenchOptions
from .constant_baseline import constant_baseline
from .cross_validation import (
    MethodResult,
    PooledPredictions,
    compare,
    pool_predictions,
    run_method,
    scored_rows,
)
from .fit import FittedMethod, fit_method, unfitted
from .leakage import handle_leakage
from .model_selection import fit
from .splits import (
    INNER_FOLDS,
    Fold,
    describe,
    fold_numbers,
    inner_folds,
    outer_folds,
    planned_test_rows,
    test_to_train,
)
from .thresholding import AIMS, SetRule, by_metric, decide, whole_sets
from .vissl import NAME, named_precisions, vissl_result
from .zero_shot import PROMPT_KINDS, run_zero_shot

__all__ = [
    "AIMS",
    "INNER_FOLDS",
    "NAME",
    "PROMPT_KINDS",
    "BenchOptions",
    "FittedMethod",
    "Fold",
    "MethodResult",
    "PooledPredictions",
    "SetRule",
    "by_metric",
    "compare",
    "constant_baseline",
    "decide",
    "describe",
    "fit",
    "fit_method",
    "fold_numbers",
    "handle_leakage",
    "inner_folds",
    "named_precisions",
    "outer_folds",
    "planned_test_rows",
    "pool_predictions",
    "run_method",
    "run_zero_shot",
    "scored_rows",
    "test_to_train",
    "unfitted",
    "vissl_result",
    "whole_sets",
]
