"""Batched solvers for the penalised linear models of all labels. See README.md."""

from .centred_rows import CentredRows
from .fold_columns import held_out_predictors
from .lbfgs import minimize_lbfgs, warn_unless_converged
from .linear_problem import LinearProblem, LogLoss, SquaredHinge, linear_problem, signs
from .softmax_problem import SharedBasis, SoftmaxGroups, SoftmaxProblem, class_axes
from .svd import (
    SVD,
    LeadingDirections,
    centred_rows,
    compute_svd,
    leading_directions,
    row_blocks,
)

__all__ = [
    "SVD",
    "CentredRows",
    "LeadingDirections",
    "LinearProblem",
    "LogLoss",
    "SharedBasis",
    "SoftmaxGroups",
    "SoftmaxProblem",
    "SquaredHinge",
    "centred_rows",
    "class_axes",
    "compute_svd",
    "held_out_predictors",
    "leading_directions",
    "linear_problem",
    "minimize_lbfgs",
    "row_blocks",
    "signs",
    "warn_unless_converged",
]
