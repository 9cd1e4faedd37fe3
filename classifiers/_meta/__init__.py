"""Building blocks of meta-estimators: binary problems, inner estimators, out-of-fold scores."""

from .binary_problems import (
    BinaryPredictions,
    BinaryProblem,
    BinaryProblemSolver,
    Models,
    out_of_fold_predictions,
    rows_mask,
)
from .logistic_problems import binary_problem_solver, row_reader
from .out_of_fold import OutOfFoldPredictions, fit_inner, label_probabilities, predict_held_out

__all__ = [
    "BinaryPredictions",
    "BinaryProblem",
    "BinaryProblemSolver",
    "Models",
    "OutOfFoldPredictions",
    "binary_problem_solver",
    "fit_inner",
    "label_probabilities",
    "out_of_fold_predictions",
    "predict_held_out",
    "row_reader",
    "rows_mask",
]
