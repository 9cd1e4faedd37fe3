"""Plots in table rows: an SVG per row, as wide as the column.

All positions are in per cent of the width, so that the text keeps its size on a phone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.ticker import MaxNLocator

from ...analysis import Analysis, Difference, MethodEntry
from ...metrics import Metric

MAX_REACH = 2.5
"""Differences beyond this multiple of the third quartile are cut off, with an arrowhead."""
MIN_REACH = 0.02
"""Differences up to this size are never cut off."""
N_PER_LABEL = 4
"""Methods in a row of the plot by label."""


@dataclass(frozen=True)
class Axis:
    """Range of numbers over the width of a plot."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def position(self, value: float) -> str:
        """Return the position of a number as an SVG length."""
        share = (value - self.low) / (self.high - self.low)
        return f"{100 * min(max(share, 0.0), 1.0):.2f}%"

    def beyond(self, value: float) -> str:
        """Return the side on which a number is outside the axis; empty if it is inside."""
        return "left" if value < self.low else "right" if value > self.high else ""

    def name(self, tick: float, signed: bool = False) -> str:
        """Format the number of a tick, as short as the step between ticks permits."""
        digits = next((d for d in range(9) if all(round(t, d) == t for t in self.ticks)), 9)
        text = f"{tick:+.{digits}f}" if signed and tick else f"{tick:.{digits}f}"
        return text.replace("-", "−")


def axis_over(values: Sequence[float], margin: float = 0.04) -> Axis:
    """Return an axis that contains all values, with a few round ticks.

    Examples
    --------
    >>> axis = axis_over([-0.03, 0.11])
    >>> [axis.name(tick, signed=True) for tick in axis.ticks]
    ['0.00', '+0.05', '+0.10']
    >>> axis.position(0.0)
    '23.54%'
    """
    low, high = min(values), max(values)
    padding = (high - low) * margin or 0.01
    low, high = low - padding, high + padding
    ticks = MaxNLocator(nbins=4, steps=[1, 2, 5, 10], min_n_ticks=3).tick_values(low, high)
    return Axis(low, high, tuple(float(round(t, 10)) for t in ticks if low <= t <= high))


def differences(entries: Sequence[MethodEntry], metric: Metric) -> dict[str, Any] | None:
    """Lay out the difference of each method to its independent reference, the best gain first.

    Returns
    -------
    dict or None
        ``"axis"``; ``"groups"``: by name of the reference, a list of rows; and ``"cut_off"``: names
        of methods beyond the axis. None if there is no difference to show.
    """
    rows: list[dict[str, Any]] = []
    for entry in entries:
        comparison = (entry["against_independent"] or {}).get(metric.key)
        if comparison and comparison["difference"] is not None:
            gain = metric.gain(comparison["difference"])
            rows.append({"entry": entry, "comparison": comparison, "gain": gain})
    if not rows:
        return None
    rows.sort(key=lambda row: -row["gain"])
    axis = axis_over(_limits([row["comparison"] for row in rows]))
    groups: dict[str, list[dict[str, Any]]] = {
        entry["reference"]: [] for entry in entries if entry["reference"]
    }
    for row in rows:
        groups[row["entry"]["reference"]].append(row)
    return {
        "axis": axis,
        "groups": {reference: group for reference, group in groups.items() if group},
        "cut_off": [
            row["entry"]["name"] for row in rows if axis.beyond(row["comparison"]["difference"])
        ],
    }


def _limits(comparisons: Sequence[Difference]) -> list[float]:
    """Return zero and all ends of intervals, except those so far out that the rest shrinks."""
    ends = [
        [
            value
            for value in (comparison["low"], comparison["difference"], comparison["high"])
            if value is not None
        ]
        for comparison in comparisons
    ]
    reach = sorted(max(map(abs, values)) for values in ends)
    limit = max(MAX_REACH * reach[3 * (len(reach) - 1) // 4], MIN_REACH)
    return [0.0, *(min(max(end, -limit), limit) for values in ends for end in values)]


def per_label(results: Analysis, entries: Sequence[MethodEntry]) -> dict[str, Any] | None:
    """Lay out the AP of every label, the easiest label first: a bar, and marks of other methods.

    Returns
    -------
    dict or None
        ``"axis"``; ``"methods"``, that of the bars first; ``"rows"``, one per label with a figure;
        and ``"without"``, the names of the other labels.
    """
    methods = select_methods(results, entries)
    if not methods:
        return None
    dataset, without = results["dataset"], []
    rows: list[dict[str, Any]] = []
    for column, label in enumerate(dataset["labels"]):
        values = {name: _figure(methods[0], name, column) for name in ("ap", "auroc", "f1")}
        if values["ap"] is None:
            without.append(label)
            continue
        counts = dataset["test_labels"].get(label)
        rows.append(
            {
                "label": label,
                "chance": counts and counts["prevalence"],
                "others": [_figure(method, "ap", column) for method in methods[1:]],
                **values,
            }
        )
    rows.sort(key=lambda row: -row["ap"])
    axis = Axis(0.0, 1.0, (0.0, 0.25, 0.5, 0.75, 1.0))
    return {"axis": axis, "methods": methods, "rows": rows, "without": without} if rows else None


def select_methods(results: Analysis, entries: Sequence[MethodEntry]) -> list[MethodEntry]:
    """Return the reference and the best other methods, without the baseline."""
    methods = [entry for entry in entries if entry["kind"] != "baseline"]
    if not methods:
        return []
    by_name = {entry["name"]: entry for entry in methods}
    first = by_name.get(results["reference"] or "", methods[0])
    others = sorted(
        (entry for entry in methods if entry is not first),
        key=lambda entry: -(entry["metrics"]["macro_ap"] or 0),
    )
    return [first, *others[: N_PER_LABEL - 1]]


def _figure(entry: MethodEntry, name: str, column: int) -> float | None:
    values: Any = entry["per_label"].get(name)
    return None if values is None else values[column]
