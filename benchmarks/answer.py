"""The comparison in one paragraph, written from its figures alone."""

from typing import Any

from .metrics import METRICS

MAIN_METRIC = "macro_ap"


def answer(results: dict[str, Any]) -> str:
    """Say in words what the table says, and no more.

    Parameters
    ----------
    results : dict
        The content of `results.json` so far.

    Returns
    -------
    str
        One paragraph: whether any joint method is better than repeated cat/no-cat, in which
        metric, by how much, and at which certainty.
    """
    judged = [
        entry
        for entry in results["methods"]
        if "failed" not in entry and entry["metrics"][MAIN_METRIC] is not None
    ]
    if not judged:
        return "No method could be judged, so there is nothing to answer."
    dataset, protocol = results["dataset"], results["protocol"]
    start = (
        f"On {dataset['name']} ({dataset['images']} pictures, {len(dataset['labels'])} labels,"
        f" {dataset['cardinality']:.2f} labels per picture), judged on"
        f" {protocol['images_judged']} pictures,"
    )
    compared = [e for e in judged if e["kind"] == "joint" and e["against_independent"]]
    if not compared:
        best = max(judged, key=lambda entry: entry["metrics"][MAIN_METRIC])
        return f"{start} the best macro AP is {_value(best)}, reached by {best['name']}."
    return " ".join([start, _main_sentence(judged, compared), *_other_sentences(compared)])


def _main_sentence(judged: list[dict[str, Any]], compared: list[dict[str, Any]]) -> str:
    named = {entry["name"]: entry for entry in judged}
    best = max(compared, key=lambda entry: entry["metrics"][MAIN_METRIC])
    reference = named[best["reference"]]
    found = best["against_independent"][MAIN_METRIC]
    verdict = {
        "better": "repeated cat/no-cat is not the best there is:",
        "worse": "repeated cat/no-cat is better than every joint method:",
    }.get(
        found["verdict"], "no joint method is better than repeated cat/no-cat by more than chance:"
    )
    return (
        f"{verdict} {reference['name']} reaches a macro AP of {_value(reference)}, the best joint"
        f" method ({best['name']}) {_value(best)}, a difference of {_difference(found)}."
    )


def _other_sentences(compared: list[dict[str, Any]]) -> list[str]:
    told = []
    for key, metric in METRICS.items():
        gains = [
            (metric.gain(found["difference"]), f"{entry['name']}, {_difference(found)}")
            for entry in compared
            if (found := entry["against_independent"][key])["verdict"] == "better"
        ]
        if gains and key != MAIN_METRIC:
            told.append(f"{metric.title} ({max(gains)[1]})")
    if not told:
        return ["No joint method is better by more than chance in any of the other metrics either."]
    return [f"Looking at the labels together pays, by more than chance, in {'; '.join(told)}."]


def _value(entry: dict[str, Any]) -> str:
    return f"{entry['metrics'][MAIN_METRIC]:.3f}"


def _difference(found: dict[str, Any]) -> str:
    return f"{found['difference']:+.3f} (95 % interval {found['low']:+.3f} to {found['high']:+.3f})"
