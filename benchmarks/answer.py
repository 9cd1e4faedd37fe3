"""The comparison in one paragraph, written from its figures alone."""

from collections.abc import Iterator
from typing import Any

from .best import MATTERS
from .wording import counted, signed

LABELS, SETS = "macro_ap", "subset_accuracy"

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
        One paragraph: whether repeated cat/no-cat is good enough, what was compared, how the best
        joint method stands to the best independent one, label by label and for whole sets, what
        crowds do, how detectors compare, what failed, and what to do now.
    """
    fitted = {e["name"]: e for e in results["methods"] if "failed" not in e}
    if not fitted:
        return "Every method failed, so there is nothing to answer."
    if all(entry["metrics"][LABELS] is None for entry in fitted.values()):
        return (
            "No label can be judged by itself, for want of judged"
            f" {_thing(results)}s with it or without it, so there is nothing to answer."
        )
    sentences = (
        _compared(results, fitted)
        if results["best"][LABELS]["found"]
        else _nothing_compared(results, fitted)
    )
    return " ".join(sentence for sentence in sentences if sentence)


def _nothing_compared(results: dict[str, Any], fitted: dict[str, Entry]) -> Iterator[str]:
    best = max(fitted.values(), key=lambda entry: entry["metrics"][LABELS] or 0.0)
    yield (
        f"Nothing was compared with cat/no-cat on {results['dataset']['name']}: the best macro"
        f" AP is {_value(best, LABELS)}, reached by {best['name']}."
    )
    yield _failures(results)


def _compared(results: dict[str, Any], fitted: dict[str, Entry]) -> Iterator[str]:
    yield headline(results["dataset"]["name"], results["best"][LABELS]["found"])
    yield _what_was_compared(results, fitted)
    yield _label_by_label(results, fitted)
    yield _whole_sets(results, fitted)
    yield (results.get("crowding") or {}).get("brief", "")
    yield from _detectors(results, fitted)
    yield _failures(results)
    yield _what_to_do(results, fitted)


def headline(name: str, found: Entry) -> str:
    """Give the answer in one sentence, from the best joint method less the best independent one."""
    if found["verdict"] == "better" and found["difference"] >= MATTERS:
        return f"No: on {name}, looking at the labels together is better than cat/no-cat."
    if found["verdict"] == "better":
        return f"Nearly: on {name}, looking at the labels together is better, but by very little."
    if found["high"] is not None and found["high"] < MATTERS:
        return f"Yes: on {name}, repeated cat/no-cat is good enough."
    return f"As far as can be told: on {name}, nothing is shown to be better than cat/no-cat."


def _what_was_compared(results: dict[str, Any], fitted: dict[str, Entry]) -> str:
    thing = _thing(results)
    shows = {"picture": "shows", "row": "has"}[thing]
    detectors = {one["name"] for one in results.get("detectors") or ()}
    independent = [
        e for e in fitted.values() if e["kind"] == "independent" and e["name"] not in detectors
    ]
    joint = len(fitted) - len(independent) - len(detectors & fitted.keys())
    labels = len(results["dataset"]["labels"])
    each = "the one label" if labels == 1 else f"each of {labels:,} labels by itself"
    return (
        f"On {counted(results['protocol']['images_judged'], thing)} that none had learned from,"
        f" {_many(len(independent))} of {each} whether a {thing} {shows} it"
        f" {'was' if len(independent) == 1 else 'were'} compared with"
        f" {'one that looks' if joint == 1 else f'{joint} that look'} at all labels together."
    )


def _many(independent: int) -> str:
    return "one method that asks" if independent == 1 else f"{independent} methods that ask"


def _label_by_label(results: dict[str, Any], fitted: dict[str, Entry]) -> str:
    best = results["best"][LABELS]
    found = best["found"]
    joint, independent = fitted[best["joint"]], fitted[best["independent"]]
    told = (
        f"At finding the {_thing(results)}s of each label, the best of the first kind"
        f" ({independent['name']}) reaches a macro AP of {_value(independent, LABELS)}, where 1 is"
        f" perfect, the best of the second ({joint['name']}) {_value(joint, LABELS)}: a difference"
        f" of {_difference(found)}, {_certainty(found)}."
    )
    own = (joint["against_independent"] or {}).get(LABELS)
    if joint["reference"] == independent["name"] or not own or own["verdict"] != "better":
        return told
    gain = f"{joint['name']} gains {own['difference']:.3f} on {joint['reference']}"
    if found["verdict"] == "better":
        return f"{told} ({gain[0].upper()}{gain[1:]}, which it is akin to.)"
    return (
        f"{told} Looking at labels together does help the same kind of classifier ({gain}), but"
        " another kind of classifier helps as much."
    )


def _whole_sets(results: dict[str, Any], fitted: dict[str, Entry]) -> str:
    best = results["best"][SETS]
    found = best["found"]
    if found is None or found["verdict"] is None or len(results["dataset"]["labels"]) < 2:
        return ""
    joint, independent = fitted[best["joint"]], fitted[best["independent"]]
    thing = _thing(results)
    right = f"wholly right ({_share(joint, SETS)} of {thing}s against {_share(independent, SETS)})"
    if found["verdict"] == "better":
        return (
            f"At naming all labels of a {thing}, looking at them together pays: {joint['name']}"
            f" gets more of them {right}."
        )
    if found["verdict"] == "worse":
        return f"At naming all labels of a {thing} it does worse, with fewer {right}."
    return f"At naming all labels of a {thing} neither kind is shown to get more of them {right}."


def _detectors(results: dict[str, Any], fitted: dict[str, Entry]) -> Iterator[str]:
    for told in results.get("detectors") or ():
        entry = fitted.get(told["name"])
        found = entry and (entry["against_independent"] or {}).get(LABELS)
        if not entry or not found or found["difference"] is None:
            continue
        cost = told["ms_per_image"]
        yield (
            f"The detector {entry['name']} reaches {_value(entry, LABELS)},"
            f" {_difference(found)} beside {entry['reference']},"
            f" {_certainty(found) if found['verdict'] != 'worse' else 'more than chance explains'}"
            + (f"; it takes {_milliseconds(cost)} per picture." if cost else ".")
        )


def _failures(results: dict[str, Any]) -> str:
    failed = [entry["name"] for entry in results["methods"] if "failed" in entry]
    if not failed:
        return ""
    named = ", ".join(failed[:3]) + (f" and {len(failed) - 3} more" if len(failed) > 3 else "")
    return f"Without an answer, for they failed: {named}."


def _what_to_do(results: dict[str, Any], fitted: dict[str, Entry]) -> str:
    best = results["best"]
    first, second = (fitted[best[key]["take"]] for key in (LABELS, SETS))
    told = f"What to do now: take {_described(first)}"
    if second is not first and len(results["dataset"]["labels"]) > 1:
        told += (
            f" to find the {_thing(results)}s of a label, and {_described(second)} to name all"
            f" labels of a {_thing(results)}"
        )
    return told + _how_many_more(results) + "."


def _described(entry: Entry) -> str:
    seconds = entry.get("fit_seconds")
    learns = "" if seconds is None else f", learns in {_seconds(seconds)}"
    kind = "label by label" if entry["kind"] == "independent" else "labels together"
    return f"{entry['name']} ({kind}{learns})"


def _how_many_more(results: dict[str, Any]) -> str:
    """Say how many judged pictures it would take to tell, where it cannot be told."""
    found, judged = results["best"][LABELS]["found"], results["protocol"]["images_judged"]
    if found["verdict"] is None or found["verdict"] == "better" or found["high"] < MATTERS:
        return ""
    # The interval narrows as the square root of the pictures.
    wide = (found["high"] - found["low"]) / 2
    wanted = judged * max(1.0, wide / MATTERS) ** 2
    if wanted <= 1.5 * judged:
        return ""
    return (
        f"; to tell a difference of {MATTERS} from chance would take about"
        f" {float(f'{wanted:.1g}'):,.0f} judged {_thing(results)}s"
    )


def _certainty(found: Entry) -> str:
    return {
        "better": "more than chance explains",
        "worse": "in favour of the first and more than chance explains",
    }.get(found["verdict"], "which chance alone can explain")


def _thing(results: dict[str, Any]) -> str:
    """Name what is judged: a table of ready features need not be of pictures."""
    ready = results.get("recipe", {}).get("backbone") == "ready features"
    return "row" if ready else "picture"


def _value(entry: Entry, key: str) -> str:
    return f"{entry['metrics'][key]:.3f}"


def _share(entry: Entry, key: str) -> str:
    return f"{100 * entry['metrics'][key]:.0f} %"


def _seconds(value: float) -> str:
    return f"{value:.0f} s" if value >= 10 else f"{value:.2g} s"


def _milliseconds(value: float) -> str:
    return f"{value:.0f} ms" if value >= 10 else f"{value:.2g} ms"


def _difference(found: Entry) -> str:
    if found["low"] is None:
        return signed(found["difference"])
    low, high = signed(found["low"]), signed(found["high"])
    return f"{signed(found['difference'])} (95 % interval {low} to {high})"
