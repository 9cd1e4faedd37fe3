"""Comparison of methods over several data sets."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np

from ..metrics import METRICS, Metric
from ..significance import bayesian_signed_rank, compare_ranks
from .best_methods import PURPOSES
from .recommendation import MIN_EFFECT
from .results import Analysis, DatasetRanking, MethodEntry, SignedRank

Entries = Mapping[str, MethodEntry]


def rank_over_datasets(comparisons: Sequence[Analysis]) -> DatasetRanking:
    """Rank the methods on each data set, and test the differences over data sets.

    Parameters
    ----------
    comparisons : sequence of Results
        Results of each data set.

    Returns
    -------
    DatasetRanking
        Ranks with the tests of Friedman and Nemenyi (None with fewer than two methods that have a
        figure on every data set), and the Bayesian signed-rank test of each method and its
        independent reference, by metric. The constant baseline has no rank.
    """
    entries = [_fitted(comparison) for comparison in comparisons]
    names = list(dict.fromkeys(name for by_name in entries for name in by_name))
    counts = {
        key: Counter(_code(comparison, key) for comparison in comparisons) for key in PURPOSES
    }
    return {
        "ranks": {key: _rank(entries, names, metric) for key, metric in METRICS.items()},
        "signed_ranks": {key: _test(entries, names, metric) for key, metric in METRICS.items()},
        "rope": MIN_EFFECT,
        "verdict_counts": {key: dict(by_code) for key, by_code in counts.items()},
    }


def _code(comparison: Analysis, key: str) -> str:
    verdicts = comparison["verdicts"]
    verdict = verdicts["macro_ap"] if key == PURPOSES[0] else verdicts["subset_accuracy"]
    return str(verdict["code"])


def _fitted(comparison: Analysis) -> dict[str, MethodEntry]:
    return {
        entry["name"]: entry
        for entry in comparison["methods"]
        if "failed" not in entry and entry["kind"] != "baseline"
    }


def _rank(
    entries: Sequence[Entries], names: Sequence[str], metric: Metric
) -> dict[str, Any] | None:
    values = np.array(
        [[_figure(by_name.get(name), metric.key) for name in names] for by_name in entries],
        dtype=float,
    ).reshape(len(entries), len(names))
    if len(entries) < 2 or (~np.isnan(values).any(axis=0)).sum() < 2:
        return None
    return compare_ranks(values, names, higher_is_better=metric.direction > 0)


def _figure(entry: MethodEntry | None, key: str) -> float:
    value = None if entry is None else entry["metrics"].get(key)
    return float("nan") if value is None else float(value)


def _test(entries: Sequence[Entries], names: Sequence[str], metric: Metric) -> list[SignedRank]:
    tests = []
    for name in names:
        gains, reference = [], None
        for by_name in entries:
            entry = by_name.get(name)
            comparison = ((entry and entry["against_independent"]) or {}).get(metric.key)
            if entry and comparison and comparison["difference"] is not None:
                gains.append(metric.gain(comparison["difference"]))
                reference = entry["reference"]
        if len(gains) > 1:
            probabilities = bayesian_signed_rank(gains, rope=MIN_EFFECT)
            tests.append({"name": name, "reference": reference} | probabilities)
    return cast(list[SignedRank], tests)
