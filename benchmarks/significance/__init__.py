"""Intervals, tests and corrections: on one data set, and over several."""

from .bootstrap import compare_with_references
from .confidence_intervals import difference_interval, metric_interval
from .friedman import compare_ranks, critical_difference
from .multiple_testing import holm
from .resampled import BETTER, WORSE, ResampledMetrics, resample_metrics
from .resampling import Resamples
from .selection_bias import selection_bias
from .signed_rank import bayesian_signed_rank
from .support import MIN_POSITIVES, TOO_FEW

__all__ = [
    "BETTER",
    "MIN_POSITIVES",
    "TOO_FEW",
    "WORSE",
    "ResampledMetrics",
    "Resamples",
    "bayesian_signed_rank",
    "compare_ranks",
    "compare_with_references",
    "critical_difference",
    "difference_interval",
    "holm",
    "metric_interval",
    "resample_metrics",
    "selection_bias",
]
