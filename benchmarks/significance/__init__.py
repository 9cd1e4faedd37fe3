"""Intervals, tests and corrections: on one data set, and over several."""

from .blocks import BlockFigures
from .bootstrap import compare_with_references
from .confidence_intervals import difference_interval, own_interval
from .friedman import compare_ranks, critical_difference
from .multiple_testing import holm
from .resampled import BETTER, WORSE, Measured, Resampled, resample
from .resampling import Resamples
from .selection_bias import selection_luck
from .signed_rank import bayesian_signed_rank
from .support import MIN_POSITIVES, TOO_FEW

__all__ = [
    "BETTER",
    "MIN_POSITIVES",
    "TOO_FEW",
    "WORSE",
    "BlockFigures",
    "Measured",
    "Resampled",
    "Resamples",
    "bayesian_signed_rank",
    "compare_ranks",
    "compare_with_references",
    "critical_difference",
    "difference_interval",
    "holm",
    "own_interval",
    "resample",
    "selection_luck",
]
