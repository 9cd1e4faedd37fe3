"""Base classes, validation, targets and weights that all classifiers share."""

from .base import ConstantLabelWarning, MultiLabelClassifier, TrainingSet
from .base_estimators import (
    BinaryModel,
    accepts_fit_param,
    base_learner,
    draw_rows,
    fit_to_sets,
    fit_weighted,
    member_rngs,
)
from .fit_arguments import (
    GroupedMissingLabelsClassifier,
    GroupedWeightedClassifier,
    MissingLabelsClassifier,
    WeightedClassifier,
)
from .input_tables import Table, append_columns, unwrap
from .label_sets import LabelSets, are_label_sets, label_matrix, label_sets
from .margins import MarginClassifier, fit_line, linear_scores, raw_coefficients
from .targets import Floats, Labels, Mask, read_targets
from .validation import (
    check_choice,
    check_count,
    check_flag,
    check_number,
    check_positive,
    check_share,
    is_whole,
    read_positives,
)
from .weights import ClassWeight, penalties, target_weights

__all__ = [
    "BinaryModel",
    "ClassWeight",
    "ConstantLabelWarning",
    "Floats",
    "GroupedMissingLabelsClassifier",
    "GroupedWeightedClassifier",
    "LabelSets",
    "Labels",
    "MarginClassifier",
    "Mask",
    "MissingLabelsClassifier",
    "MultiLabelClassifier",
    "Table",
    "TrainingSet",
    "WeightedClassifier",
    "accepts_fit_param",
    "append_columns",
    "are_label_sets",
    "base_learner",
    "check_choice",
    "check_count",
    "check_flag",
    "check_number",
    "check_positive",
    "check_share",
    "draw_rows",
    "fit_line",
    "fit_to_sets",
    "fit_weighted",
    "is_whole",
    "label_matrix",
    "label_sets",
    "linear_scores",
    "member_rngs",
    "penalties",
    "raw_coefficients",
    "read_positives",
    "read_targets",
    "target_weights",
    "unwrap",
]
