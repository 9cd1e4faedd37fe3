"""Intervals, tests and corrections: on one data set, and over several."""

from .bootstrap import compare_with_references
from .holm import holm
from .intervals import difference_interval, own_interval
from .ranks import compare_ranks, critical_difference
from .resampled import Resampled, resample
from .resampling import Resamples
from .selection_luck import selection_luck
from .signed_rank import bayesian_signed_rank
from .support import MIN_POSITIVES, TOO_FEW

__all__ = [
    "MIN_POSITIVES",
    "TOO_FEW",
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
