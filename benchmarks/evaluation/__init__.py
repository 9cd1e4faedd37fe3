"""Fit every method on the training images and score it on the test images."""

from .config import Options
from .constant_baseline import constant_outcome
from .cross_validation import (
    Judgements,
    Outcome,
    compare,
    gather_judgements,
    judged_rows,
    run_method,
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
    rows_to_judge,
    test_to_train,
)
from .thresholding import AIMS, SetRule, by_metric, decide, whole_sets
from .vissl import NAME, named_precisions, vissl_outcome

__all__ = [
    "AIMS",
    "INNER_FOLDS",
    "NAME",
    "FittedMethod",
    "Fold",
    "Judgements",
    "Options",
    "Outcome",
    "SetRule",
    "by_metric",
    "compare",
    "constant_outcome",
    "decide",
    "describe",
    "fit",
    "fit_method",
    "fold_numbers",
    "gather_judgements",
    "handle_leakage",
    "inner_folds",
    "judged_rows",
    "named_precisions",
    "outer_folds",
    "rows_to_judge",
    "run_method",
    "test_to_train",
    "unfitted",
    "vissl_outcome",
    "whole_sets",
]
