"""The columns of the comparison's table, the same in every rendering."""

from dataclasses import dataclass
from typing import Any, Literal

from ..analysis import SignificanceCode, significance_code
from ..metrics import METRICS


@dataclass(frozen=True)
class Column:
    """One figure of a method: where it lies in its entry, and how it is shown."""

    key: str
    short: str
    meaning: str
    direction: Literal[1, -1]  # 1: higher is better; -1: lower
    group: str
    digits: int = 3

    def value(self, entry: dict[str, Any]) -> float | None:
        """Give the figure of one method; None where it is undefined."""
        found = entry["metrics"].get(self.key, entry.get(self.key))
        return None if found is None else float(found)


RANKING = {"macro_ap", "micro_ap", "lrap", "macro_auroc", "ranking_loss", "coverage", "one_error"}
METRIC_COLUMNS = tuple(
    Column(
        metric.key,
        metric.title,
        metric.meaning,
        metric.direction,
        "ranking" if metric.key in RANKING else "decisions",
    )
    for metric in METRICS.values()
)
COST_COLUMNS = (
    Column("fit_seconds", "fit s", "seconds to fit once on all training images", -1, "cost", 2),
    Column("predict_ms_per_image", "ms/image", "milliseconds to predict one image", -1, "cost"),
)
COLUMNS = METRIC_COLUMNS + COST_COLUMNS
GROUPS = tuple(dict.fromkeys(column.group for column in COLUMNS))
MAIN_COLUMNS = tuple(
    column
    for key in (
        "macro_ap",
        "macro_auroc",
        "macro_f1",
        "subset_accuracy",
        "hamming_loss",
        "fit_seconds",
        "predict_ms_per_image",
    )
    for column in COLUMNS
    if column.key == key
)


def compared(results: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the entries of all methods, without the constant baseline."""
    return [entry for entry in results["methods"] if entry["kind"] != "baseline"]


def fitted(results: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the entries of the methods that did not fail."""
    return [entry for entry in results["methods"] if "failed" not in entry]


def cell(entry: dict[str, Any], column: Column) -> str:
    """Show one figure; a dash where it is undefined."""
    value = column.value(entry)
    return "–" if value is None else f"{value:.{column.digits}f}"


MARKS = {"better": "▲", "worse": "▼", "no difference": "="}
LEGEND = (
    "{better} significantly better, {worse} significantly worse than {references};"
    " {equal} no significant difference (95 %, corrected for all comparisons of the table)"
)


def legend(results: dict[str, Any]) -> str:
    """Explain the marks of the table; empty where there are none."""
    held_against = references(results)
    if not held_against:
        return ""
    return LEGEND.format(
        better=MARKS["better"],
        worse=MARKS["worse"],
        equal=MARKS["no difference"],
        references=" / ".join(held_against),
    )


def only_by_interval(found: dict[str, Any] | None) -> bool:
    """Tell whether an interval excludes zero although no significant difference is claimed."""
    return found is not None and significance_code(found) == SignificanceCode.NOT_AFTER_CORRECTION


def verdict(entry: dict[str, Any], column: Column) -> dict[str, Any] | None:
    """Give what is known of one figure against the independent reference's; None if nothing."""
    found: dict[str, Any] | None = (entry["against_independent"] or {}).get(column.key)
    return None if found is None or found["verdict"] is None else found


def references(results: dict[str, Any]) -> list[str]:
    """Name the independent methods that others are held against."""
    return list(dict.fromkeys(e["reference"] for e in fitted(results) if e["reference"]))


def best_value(results: dict[str, Any], entry: dict[str, Any], column: Column) -> bool:
    """Tell whether no other method has a better figure in this column, as it is shown."""
    if column in COST_COLUMNS or column.value(entry) is None:
        return False
    shown = [
        round(value, column.digits)
        for other in fitted(results)
        if (value := column.value(other)) is not None
    ]
    best = max(shown) if column.direction > 0 else min(shown)
    return len(shown) > 1 and round(column.value(entry) or 0.0, column.digits) == best
