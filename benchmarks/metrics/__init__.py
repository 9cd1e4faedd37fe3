"""Metrics of multi-label predictions, with the conventions of `docs/metrics.md`."""

from .evaluate import evaluate, macro_ap, macro_aps, scorecard_metrics
from .metric import METRICS, Metric
from .precision_recall import average_precision, eleven_point_precision, interpolated_precision
from .scorecard import PREDICTION_METRICS, Scorecard

__all__ = [
    "METRICS",
    "PREDICTION_METRICS",
    "Metric",
    "Scorecard",
    "average_precision",
    "eleven_point_precision",
    "evaluate",
    "interpolated_precision",
    "macro_ap",
    "macro_aps",
    "scorecard_metrics",
]
