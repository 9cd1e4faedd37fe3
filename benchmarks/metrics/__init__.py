"""How good predictions are: every figure of a comparison, and its conventions."""

from .evaluate import evaluate, figures, macro_ap, macro_aps
from .metric import METRICS, Metric
from .precision import average_precision, eleven_point_precision, interpolated_precision
from .scorecard import ANSWER_METRICS, Scorecard

__all__ = [
    "ANSWER_METRICS",
    "METRICS",
    "Metric",
    "Scorecard",
    "average_precision",
    "eleven_point_precision",
    "evaluate",
    "figures",
    "interpolated_precision",
    "macro_ap",
    "macro_aps",
]
