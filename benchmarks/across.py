"""Several comparisons taken together: ranks, and how probable it is that a method is better."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .answer import LABELS
from .metrics import METRICS, Metric
from .recommendation import MATTERS
from .statistics import bayesian_signed_rank, compare_ranks

LIKELY = 0.5  # below, no method is called likely to be better
FEW = 5  # data sets; below, ranks can hardly tell anything apart


def across(comparisons: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Compare methods over data sets.

    Parameters
    ----------
    comparisons : sequence of dict
        The results of each data set, as `bench` gives them.

    Returns
    -------
    dict
        ``"ranks"``: by metric, what `compare_ranks` finds, None where fewer than two methods have a
        figure on every data set; ``"signed_ranks"``: by metric, a dictionary per method of
        ``"name"``, ``"reference"`` and what `bayesian_signed_rank` finds; ``"rope"``; ``"answer"``.
    """
    entries = [_fitted(one) for one in comparisons]
    names = list(dict.fromkeys(name for one in entries for name in one))
    found: dict[str, Any] = {
        "ranks": {metric.key: _ranks(entries, names, metric) for metric in METRICS.values()},
        "signed_ranks": {
            metric.key: _signed_ranks(entries, names, metric) for metric in METRICS.values()
        },
        "rope": MATTERS,
    }
    return found | {"answer": _answer(comparisons, found)}


def _fitted(results: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {entry["name"]: entry for entry in results["methods"] if "failed" not in entry}


def _ranks(
    entries: Sequence[dict[str, dict[str, Any]]], names: Sequence[str], metric: Metric
) -> dict[str, Any] | None:
    values = np.array(
        [[_figure(one.get(name), metric.key) for name in names] for one in entries], dtype=float
    )
    values = values.reshape(len(entries), len(names))
    if len(entries) < 2 or (~np.isnan(values).any(axis=0)).sum() < 2:
        return None
    return compare_ranks(values, names, higher_is_better=metric.direction > 0)


def _figure(entry: dict[str, Any] | None, key: str) -> float:
    value = None if entry is None else entry["metrics"].get(key)
    return float("nan") if value is None else float(value)


def _signed_ranks(
    entries: Sequence[dict[str, dict[str, Any]]], names: Sequence[str], metric: Metric
) -> list[dict[str, Any]]:
    told = []
    for name in names:
        differences, reference = [], None
        for one in entries:
            against = (one.get(name) or {}).get("against_independent") or {}
            difference = (against.get(metric.key) or {}).get("difference")
            if difference is not None:
                differences.append(metric.gain(difference))
                reference = one[name]["reference"]
        if len(differences) > 1:
            probabilities = bayesian_signed_rank(differences, rope=MATTERS)
            told.append({"name": name, "reference": reference} | probabilities)
    return told


def _told_apart(ranks: dict[str, Any]) -> str:
    """Say from what on two methods differ in rank, where any two of so many can."""
    least = ranks["critical_difference"]
    if least > len(ranks["methods"]) - 1:
        return "but so few data sets tell no two of them apart"
    return f"and two methods are told apart where their ranks differ by {least:.1f}"


def _answer(comparisons: Sequence[dict[str, Any]], found: dict[str, Any]) -> str:
    n = len(comparisons)
    compared = [one["best"][LABELS]["found"] for one in comparisons if one["best"][LABELS]["found"]]
    better = sum(one["verdict"] == "better" for one in compared)
    told = [
        f"On {better or 'none'} of {n} data sets a method that looks at the labels together is"
        " shown to find them better than the best repeated cat/no-cat."
        if compared
        else "On no data set was anything compared with cat/no-cat."
    ]
    if len(compared) < n and compared:
        told.append(f"Nothing could be compared on {n - len(compared)} of them.")
    ranks = found["ranks"][LABELS]
    if ranks is not None:
        best = ranks["methods"][0]
        p = ranks["friedman"]["p"]
        told.append(
            f"By macro AP {best['name']} ranks best on average ({best['rank']:.1f} among"
            f" {len(ranks['methods'])} methods), {_told_apart(ranks)}."
            if p < 0.05
            else "The methods' ranks differ by no more than chance (Friedman,"
            f" p = {p:.2g}); on average {best['name']} comes first."
        )
    joint = {e["name"] for one in comparisons for e in one["methods"] if e["kind"] == "joint"}
    signed = [one for one in found["signed_ranks"][LABELS] if one["name"] in joint]
    if signed:
        one = max(signed, key=lambda one: (one["right"], one["rope"]))
        told.append(
            f"No joint method is by more than {MATTERS} better than its counterpart with a chance"
            f" above {one['right']:.0%}."
            if one["right"] < LIKELY
            else "The joint method likeliest to gain on its own independent counterpart is"
            f" {one['name']}: better than {one['reference']} by more than {MATTERS} with a"
            f" probability of {one['right']:.0%}, practically the same with {one['rope']:.0%}, and"
            f" worse with {one['left']:.0%}."
        )
    if n < FEW:
        told.append(
            f"With {n} data sets these ranks and probabilities mean little: read each data set's"
            " own comparison first."
        )
    return " ".join(told)
