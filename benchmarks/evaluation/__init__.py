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
from .dataset import CrossValidatedPredictions, Dataset, evaluate, labels_not_learned, load
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

__all__ = [
    "AIMS",
    "INNER_FOLDS",
    "NAME",
    "BenchOptions",
    "CrossValidatedPredictions",
    "Dataset",
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
    "evaluate",
    "fit",
    "fit_method",
    "fold_numbers",
    "handle_leakage",
    "inner_folds",
    "labels_not_learned",
    "load",
    "named_precisions",
    "outer_folds",
    "planned_test_rows",
    "pool_predictions",
    "run_method",
    "scored_rows",
    "test_to_train",
    "unfitted",
    "vissl_result",
    "whole_sets",
]
