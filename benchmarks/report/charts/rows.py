"""Row plots: a line of a table with a little SVG in it, which is as wide as the room allows.

All positions are shares of the width, in per cent, so that the text keeps its size on a phone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.ticker import MaxNLocator

from ...metrics import Metric

SQUASHING = 2.5  # times as far as three quarters of the methods reach: cut off, with an arrow
LEAST_REACH = 0.02  # of a difference: nothing nearer to zero is cut off
SHOWN_PER_LABEL = 4  # more marks than that on one line cannot be told apart


@dataclass(frozen=True)
class Axis:
    """A stretch of numbers laid over the width of a plot."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def place(self, value: float) -> str:
        """Give a number's place, as an SVG length."""
        share = (value - self.low) / (self.high - self.low)
        return f"{100 * min(max(share, 0.0), 1.0):.2f}%"

    def beyond(self, value: float) -> str:
        """Tell on which side a number has no place on the axis; nothing if it has one."""
        return "left" if value < self.low else "right" if value > self.high else ""

    def name(self, tick: float, signed: bool = False) -> str:
        """Write a number under its tick, as short as the step between ticks allows."""
        digits = next((d for d in range(9) if all(round(t, d) == t for t in self.ticks)), 9)
        text = f"{tick:+.{digits}f}" if signed and tick else f"{tick:.{digits}f}"
        return text.replace("-", "−")


def axis_over(values: Sequence[float], margin: float = 0.04) -> Axis:
    """Find an axis that holds all values, with a handful of round ticks.

    Examples
    --------
    >>> axis = axis_over([-0.03, 0.11])
    >>> [axis.name(tick, signed=True) for tick in axis.ticks]
    ['0.00', '+0.05', '+0.10']
    >>> axis.place(0.0)
    '23.54%'
    """
    low, high = min(values), max(values)
    room = (high - low) * margin or 0.01
    low, high = low - room, high + room
    ticks = MaxNLocator(nbins=4, steps=[1, 2, 5, 10], min_n_ticks=3).tick_values(low, high)
    return Axis(low, high, tuple(float(round(t, 10)) for t in ticks if low <= t <= high))


def differences(entries: Sequence[dict[str, Any]], metric: Metric) -> dict[str, Any] | None:
    """Lay out each method's difference to its independent reference, the best gain first.

    Returns
    -------
    dict or None
        ``"axis"``; ``"groups"``, by the name of their reference, each a list of rows; and
        ``"cut_off"``, who lies beyond the axis. None where there is no difference to show.
    """
    rows = [
        {"entry": entry, "found": found}
        for entry in entries
        if (found := (entry["against_independent"] or {}).get(metric.key))
        and found["difference"] is not None
    ]
    if not rows:
        return None
    rows.sort(key=lambda row: -metric.gain(row["found"]["difference"]))
    axis = axis_over(_telling_ends([row["found"] for row in rows]))
    cut_off = [row["entry"]["name"] for row in rows if axis.beyond(row["found"]["difference"])]
    groups: dict[str, list[dict[str, Any]]] = {
        entry["reference"]: [] for entry in entries if entry["reference"]
    }
    for row in rows:
        groups[row["entry"]["reference"]].append(row)
    groups = {reference: group for reference, group in groups.items() if group}
    return {"axis": axis, "groups": groups, "cut_off": cut_off}


def _telling_ends(found: Sequence[dict[str, Any]]) -> list[float]:
    """Give what an axis is to hold: zero and all ends, none so far out that the rest shrinks."""
    ends = [
        [one[key] for key in ("low", "difference", "high") if one[key] is not None] for one in found
    ]
    reach = sorted(max(map(abs, of_one)) for of_one in ends)
    far = max(SQUASHING * reach[3 * (len(reach) - 1) // 4], LEAST_REACH)
    return [0.0, *(min(max(end, -far), far) for of_one in ends for end in of_one)]


def per_label(results: dict[str, Any], entries: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """Lay out every label's AP, the easiest label first: a bar, and marks of other methods.

    Returns
    -------
    dict or None
        ``"axis"``, ``"methods"`` (the bar's first) and ``"rows"``, one per label with a figure;
        ``"without"`` names the others.
    """
    compared = [entry for entry in entries if entry["kind"] != "baseline"]
    if not compared:
        return None
    dataset, methods = results["dataset"], telling(compared)
    rows, without = [], []
    for j, label in enumerate(dataset["labels"]):
        values = {name: _of_label(methods[0], name, j) for name in ("ap", "auroc", "f1")}
        if values["ap"] is None:
            without.append(label)
            continue
        others = [_of_label(method, "ap", j) for method in methods[1:]]
        chance = dataset["test_labels"].get(label, {}).get("prevalence")
        rows.append({"label": label, "chance": chance, "others": others} | values)
    rows.sort(key=lambda row: -row["ap"])
    axis = Axis(0.0, 1.0, (0.0, 0.25, 0.5, 0.75, 1.0))
    return {"axis": axis, "methods": methods, "rows": rows, "without": without} if rows else None


def telling(entries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give the reference first, then the best others."""
    named = {entry["name"]: entry for entry in entries}
    asked = [entry["reference"] for entry in entries if entry["kind"] == "joint"]
    first = next((named[name] for name in asked if name in named), entries[0])
    others = sorted(
        (entry for entry in entries if entry is not first),
        key=lambda entry: -(entry["metrics"]["macro_ap"] or 0),
    )
    return [first, *others[: SHOWN_PER_LABEL - 1]]


def _of_label(entry: dict[str, Any], name: str, column: int) -> float | None:
    values = entry["per_label"].get(name)
    return None if values is None else values[column]
