"""Charts of the report as inline SVG."""

from .figures import (
    correlation,
    cost_curve,
    crowding_curve,
    gains,
    heat_map,
    interval,
    rank_diagram,
    two_lines,
)
from .pareto import pareto_chart
from .row_plots import differences, per_label

__all__ = [
    "correlation",
    "cost_curve",
    "crowding_curve",
    "differences",
    "gains",
    "heat_map",
    "interval",
    "pareto_chart",
    "per_label",
    "rank_diagram",
    "two_lines",
]
