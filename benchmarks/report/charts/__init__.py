"""Charts of the report as inline SVG."""

from .analysis_charts import (
    correlation,
    cost_curve,
    cost_sentence,
    costs,
    crowd_curve,
    gains,
    heat_map,
    span,
    two_lines,
)
from .critical_difference import rank_diagram
from .pareto import pareto_chart

__all__ = [
    "correlation",
    "cost_curve",
    "cost_sentence",
    "costs",
    "crowd_curve",
    "gains",
    "heat_map",
    "pareto_chart",
    "rank_diagram",
    "span",
    "two_lines",
]
