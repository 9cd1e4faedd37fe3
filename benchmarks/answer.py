"""The comparison in one paragraph, written from its figures alone."""

from typing import Any

from .metrics import METRICS
from .wording import counted, signed

MAIN_METRIC = "macro_ap"
MATTERS = 0.01  # of macro AP: a smaller difference is nothing to change a method for

Entry = dict[str, Any]


def answer(results: dict[str, Any]) -> str:
    """Say in words what the table says, and no more.

    Parameters
    ----------
    results : dict
        The content of `results.json` so far.

    Returns
    -------
    str
        One paragraph: whether repeated cat/no-cat is good enough, what was compared, by how much
        the best joint method differs and how certain that is, what crowds do, what it costs and
        what to do now.
    """
    judged = [
        entry
        for entry in results["methods"]
        if "failed" not in entry and entry["metrics"][MAIN_METRIC] is not None
    ]
    if not judged:
        if all("failed" in entry for entry in results["methods"]):
            return "Every method failed, so there is nothing to answer."
        return (
            "No label can be judged by itself, for want of judged"
            f" {_thing(results)}s with it or without it, so there is nothing to answer."
        )
    compared = [
        entry
        for entry in judged
        if entry["kind"] == "joint"
        and entry["against_independent"]
        and entry["against_independent"][MAIN_METRIC]["difference"] is not None
    ]
    if not compared:
        best = max(judged, key=_value)
        return (
            f"Nothing was compared with cat/no-cat on {results['dataset']['name']}: the best macro"
            f" AP is {_value(best):.3f}, reached by {best['name']}."
        )
    # Another base learner is another difference: like is compared with like where there is any.
    alike = [entry for entry in compared if entry.get("same_base", True)] or compared
    best = max(alike, key=_value)
    reference = next(entry for entry in judged if entry["name"] == best["reference"])
    told = [
        headline(results["dataset"]["name"], best),
        _what_was_compared(results, len(compared), reference),
        _how_far(best, reference),
        _other_metrics(compared),
        *(results.get("crowding") or {}).get("findings", [])[:1],
        _costs(best, reference),
        _what_to_do(results, best, reference),
    ]
    return " ".join(sentence for sentence in told if sentence)


def headline(name: str, best: Entry) -> str:
    """Give the answer in one sentence."""
    found = best["against_independent"][MAIN_METRIC]
    if found["verdict"] == "better" and found["difference"] >= MATTERS:
        return f"No: on {name}, looking at the labels together is better than cat/no-cat."
    if found["verdict"] == "better":
        return f"Nearly: on {name}, looking at the labels together is better, but by very little."
    if found["high"] is not None and found["high"] < MATTERS:
        return f"Yes: on {name}, repeated cat/no-cat is good enough."
    return f"As far as can be told: on {name}, nothing is shown to be better than cat/no-cat."


def _what_was_compared(results: dict[str, Any], many: int, reference: Entry) -> str:
    thing = _thing(results)
    labels = counted(len(results["dataset"]["labels"]), "label")
    shows = {"picture": "shows", "row": "has"}[thing]
    ways = "one way" if many == 1 else f"{many} ways"
    return (
        f"Asking of each of {labels} by itself whether a {thing} {shows} it ({reference['name']})"
        f" was compared with {ways} of looking at all labels together, on"
        f" {counted(results['protocol']['images_judged'], thing)} that none of them had learned"
        " from."
    )


def _how_far(best: Entry, reference: Entry) -> str:
    found = best["against_independent"][MAIN_METRIC]
    certain = {
        "better": "more than chance explains",
        "worse": "in favour of cat/no-cat and more than chance explains",
    }.get(found["verdict"], "which chance alone can explain")
    return (
        f"Where 1 is perfect, {reference['name']} finds the labels with a macro AP of"
        f" {_value(reference):.3f}, the best of the others ({best['name']}) with"
        f" {_value(best):.3f}: a difference of {_difference(found)}, {certain}."
    )


def _other_metrics(compared: list[Entry]) -> str:
    told = []
    for key, metric in METRICS.items():
        gains = [
            (metric.gain(found["difference"]), entry["name"], found)
            for entry in compared
            if (found := entry["against_independent"][key])["verdict"] == "better"
        ]
        if gains and key != MAIN_METRIC:
            _, name, found = max(gains, key=lambda gain: gain[0])
            told.append((key, f"{metric.title} ({name}, {signed(found['difference'])})"))
    if not told:
        return "By no other measure is looking at labels together better by more than chance."
    told.sort(key=lambda one: one[0] != "subset_accuracy")
    more = f" and {len(told) - 3} more" if len(told) > 3 else ""
    pays = "; ".join(text for _, text in told[:3])
    if told[0][0] == "subset_accuracy":
        return (
            "Looking at labels together does pay where a picture's whole set of labels must be"
            f" right: {pays}{more}."
        )
    return f"Looking at labels together does pay, by more than chance, in {pays}{more}."


def _costs(best: Entry, reference: Entry) -> str:
    if "fit_seconds" not in reference:
        return ""
    return (
        f"Once the features are there, {reference['name']} learns in"
        f" {_seconds(reference['fit_seconds'])}, {best['name']} in {_seconds(best['fit_seconds'])}."
    )


def _what_to_do(results: dict[str, Any], best: Entry, reference: Entry) -> str:
    found = best["against_independent"][MAIN_METRIC]
    if found["verdict"] == "better" and found["difference"] >= MATTERS:
        return f"What to do now: take {best['name']}."
    simple = f"What to do now: take {reference['name']}"
    if found["verdict"] is not None and found["high"] is not None and found["high"] >= MATTERS:
        # The interval narrows as the square root of the pictures.
        wide = (found["high"] - found["low"]) / 2
        wanted = results["protocol"]["images_judged"] * max(1.0, wide / MATTERS) ** 2
        if wanted > 1.5 * results["protocol"]["images_judged"]:
            return (
                f"{simple}; to tell a difference of {MATTERS} from chance would take about"
                f" {float(f'{wanted:.1g}'):,.0f} judged"
                f" {_thing(results)}s."
            )
    return f"{simple}."


def _thing(results: dict[str, Any]) -> str:
    """Name what is judged: a table of ready features need not be of pictures."""
    ready = results.get("recipe", {}).get("backbone") == "ready features"
    return "row" if ready else "picture"


def _value(entry: Entry) -> float:
    return float(entry["metrics"][MAIN_METRIC])


def _seconds(value: float) -> str:
    return f"{value:.0f} s" if value >= 10 else f"{value:.2g} s"


def _difference(found: Entry) -> str:
    if found["low"] is None:
        return signed(found["difference"])
    low, high = signed(found["low"]), signed(found["high"])
    return f"{signed(found['difference'])} (95 % interval {low} to {high})"
