"""Building blocks of meta-estimators: binary problems, inner estimators, out-of-fold scores."""

from .binary_problems import Answers, Models, Question, Questioner, out_of_fold_answers, rows_mask
from .inner_estimator import fit_inner, label_probabilities
from .logistic_problems import questioner, row_reader
from .out_of_fold import HeldOut, predict_held_out

__all__ = [
    "Answers",
    "HeldOut",
    "Models",
    "Question",
    "Questioner",
    "fit_inner",
    "label_probabilities",
    "out_of_fold_answers",
    "predict_held_out",
    "questioner",
    "row_reader",
    "rows_mask",
]
