"""Confidence intervals and significance tests, on one data set and across data sets."""

from .bootstrap import (
    BETTER,
    WORSE,
    MethodMetrics,
    ResampledMetrics,
    compare_with_references,
    resample_metrics,
)
from .confidence_intervals import (
    MIN_POSITIVES,
    TOO_FEW_POSITIVES,
    difference_interval,
    metric_interval,
)
from .multiple_datasets import bayesian_signed_rank, compare_ranks, critical_difference
from .multiple_testing import holm, selection_bias
from .resampling import BlockMetrics, Resamples

__all__ = [
    "BETTER",
    "MIN_POSITIVES",
    "TOO_FEW_POSITIVES",
    "WORSE",
    "BlockMetrics",
    "MethodMetrics",
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
