"""Multi-label splitters for cross-validation."""

from .inner_cv import CrossValidation, held_out_split, seeded_folds
from .splitters import MultilabelGroupKFold, MultilabelKFold, MultilabelShuffleSplit

__all__ = [
    "CrossValidation",
    "MultilabelGroupKFold",
    "MultilabelKFold",
    "MultilabelShuffleSplit",
    "held_out_split",
    "seeded_folds",
]
