"""Columns and cells of the tables, the same in every rendering."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ..analysis import (
    Analysis,
    Difference,
    JointResults,
    MethodEntry,
    SignificanceCode,
    SkippedImage,
    significance_code,
)
from ..metrics import METRICS, Metric


@dataclass(frozen=True)
class Column:
    """Figure of a method: its key in the results, and how it is shown."""

    key: str
    short: str
    meaning: str
    direction: Literal[1, -1]  # 1: higher is better; -1: lower
    group: str
    digits: int = 3

    def value(self, entry: MethodEntry) -> float | None:
        """Return the figure of one method; None if it is undefined."""
        figures: Mapping[str, Any] = entry
        value = entry["metrics"].get(self.key, figures.get(self.key))
        return None if value is None else float(value)


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
MAIN_KEYS = (
    "macro_ap",
    "macro_auroc",
    "macro_f1",
    "subset_accuracy",
    "hamming_loss",
    "fit_seconds",
    "predict_ms_per_image",
)
MAIN_COLUMNS = tuple(column for key in MAIN_KEYS for column in COLUMNS if column.key == key)


def compared(results: Analysis) -> list[MethodEntry]:
    """Return the entries of all methods, without the constant baseline."""
    return [entry for entry in results["methods"] if entry["kind"] != "baseline"]


def fitted(results: Analysis) -> list[MethodEntry]:
    """Return the entries of the methods that did not fail."""
    return [entry for entry in results["methods"] if "failed" not in entry]


def cell(entry: MethodEntry, column: Column) -> str:
    """Format one figure; a dash if it is undefined."""
    value = column.value(entry)
    return "–" if value is None else f"{value:.{column.digits}f}"


MARKS = {"better": "▲", "worse": "▼", "no difference": "="}
LEGEND = (
    "{better} significantly better, {worse} significantly worse than {references};"
    " {equal} no significant difference (95 %, corrected for all comparisons of the table)"
)


def legend(results: Analysis) -> str:
    """Return the explanation of the marks; empty if there are none."""
    names = references(results)
    if not names:
        return ""
    return LEGEND.format(
        better=MARKS["better"],
        worse=MARKS["worse"],
        equal=MARKS["no difference"],
        references=" / ".join(names),
    )


def only_by_interval(difference: Difference | None) -> bool:
    """Return whether the interval excludes zero although the difference is not significant."""
    return (
        difference is not None
        and significance_code(difference) == SignificanceCode.NOT_AFTER_CORRECTION
    )


def verdict(entry: MethodEntry, column: Column) -> Difference | None:
    """Return the comparison of a figure with that of the reference; None without a verdict."""
    difference = (entry["against_independent"] or {}).get(column.key)
    return None if difference is None or difference["verdict"] is None else difference


def references(results: Analysis) -> list[str]:
    """Return the names of the independent methods that others are compared with."""
    names = [entry["reference"] for entry in fitted(results)]
    return [name for name in dict.fromkeys(names) if name]


def is_best(results: Analysis, entry: MethodEntry, column: Column) -> bool:
    """Return whether no other method has a better figure in this column, as it is shown."""
    value = column.value(entry)
    if column in COST_COLUMNS or value is None:
        return False
    values = [
        round(other_value, column.digits)
        for other in fitted(results)
        if (other_value := column.value(other)) is not None
    ]
    best = max(values) if column.direction > 0 else min(values)
    return len(values) > 1 and round(value, column.digits) == best


def joint_table(results: JointResults, metric: Metric) -> list[dict[str, Any]]:
    """Return one metric of all methods on all data sets.

    Returns
    -------
    list of dict
        A row per method, the best mean rank first: ``"name"``, ``"rank"`` and ``"cells"``, one per
        data set with ``"value"``, ``"verdict"`` and ``"best"``.
    """
    datasets = [{entry["name"]: entry for entry in fitted(one)} for one in results["datasets"]]
    ranks = results["ranks"][metric.key]
    rank = {entry["name"]: entry["rank"] for entry in ranks["methods"]} if ranks else {}
    names = dict.fromkeys(
        entry["name"] for dataset in results["datasets"] for entry in dataset["methods"]
    )
    rows = [
        {
            "name": name,
            "rank": rank.get(name),
            "cells": [_joint_cell(entries, name, metric) for entries in datasets],
        }
        for name in names
    ]
    return sorted(rows, key=lambda row: rank.get(row["name"], float("inf")))


def _joint_cell(entries: Mapping[str, MethodEntry], name: str, metric: Metric) -> dict[str, Any]:
    entry = entries.get(name)
    if entry is None:
        return {"value": None, "verdict": None, "best": False}
    values = [other["metrics"][metric.key] for other in entries.values()]
    value = entry["metrics"][metric.key]
    best = max((v for v in values if v is not None), key=metric.gain, default=None)
    comparison = (entry["against_independent"] or {}).get(metric.key)
    return {
        "value": value,
        "verdict": comparison and comparison["verdict"],
        "best": value is not None and value == best,
    }


def skipped_lines(skipped: Sequence[SkippedImage], most: int) -> list[str]:
    """Return one line for each image that was left out, up to a maximum."""
    return [f"{image['where']}: {image['image']}: {image['reason']}" for image in skipped[:most]]
