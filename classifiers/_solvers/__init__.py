"""Batched solvers for the penalised linear models of all labels. See README.md."""

from .centred_rows import CentredRows
from .fold_columns import held_out_predictors
from .lbfgs import minimise, warn_unless_converged
from .linear_problem import LinearProblem, LogLoss, SquaredHinge, linear_problem, signs
from .softmax_problem import SharedBasis, SoftmaxGroups, SoftmaxProblem, class_axes
from .svd import (
    LeadingDirections,
    Spectrum,
    centred_rows,
    decompose,
    leading_directions,
    row_blocks,
)

__all__ = [
    "CentredRows",
    "LeadingDirections",
    "LinearProblem",
    "LogLoss",
    "SharedBasis",
    "SoftmaxGroups",
    "SoftmaxProblem",
    "Spectrum",
    "SquaredHinge",
    "centred_rows",
    "class_axes",
    "decompose",
    "held_out_predictors",
    "leading_directions",
    "linear_problem",
    "minimise",
    "row_blocks",
    "signs",
    "warn_unless_converged",
]
