"""The comparison in one paragraph, written from its figures alone."""

from collections.abc import Iterator
from typing import Any

from .recommendation import MATTERS
from .wording import counted, shortly, thing_of, with_interval

LABELS, SETS = "macro_ap", "subset_accuracy"
CHANCE = 0.5  # of AUROC
_KINDS = ("independent", "joint")

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
        One paragraph, what a beginner needs: whether repeated cat/no-cat is good enough, how the
        best joint method stands to the best independent one, what crowds do, how detectors compare,
        what failed, and what to do now. What is behind it `details` tells.
    """
    fitted = {e["name"]: e for e in results["methods"] if "failed" not in e}
    if not fitted:
        return "Every method failed, so there is nothing to answer."
    if all(entry["metrics"][LABELS] is None for entry in fitted.values()):
        return (
            "No label can be judged by itself, for want of judged"
            f" {thing_of(results)}s with it or without it, so there is nothing to answer."
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
    best, name = results["best"][LABELS], results["dataset"]["name"]
    if not better_than_chance(best, fitted):
        yield f"Neither: on {name}, no method is shown to tell these labels from chance."
        yield _label_by_label(results, fitted)
        yield _failures(results)
        yield (
            f"What to do now: look whether the {thing_of(results)}s show what the labels say, or"
            " try other features."
        )
        return
    yield headline(name, best)
    yield _label_by_label(results, fitted)
    yield (results.get("crowding") or {}).get("brief", "")
    yield from _detectors(results, fitted)
    yield _failures(results)
    yield _what_to_do(results, fitted)


def better_than_chance(best: Entry, fitted: dict[str, Entry]) -> bool:
    """Whether the best of one kind is surely above chance, by its AUROC: chance moves AP."""
    lows = (fitted[best[kind]]["intervals"]["macro_auroc"]["low"] for kind in _KINDS)
    return any(low is not None and low > CHANCE for low in lows)


def headline(name: str, best: Entry) -> str:
    """Give the answer in one sentence, from the joint methods less the best independent one.

    No only if the best joint method is shown to be better; yes only if all of them are shown not to
    be so by more than matters.
    """
    found, at_most = best["found"], best["at_most"]
    if found["verdict"] == "better" and found["difference"] >= MATTERS:
        return f"No: on {name}, looking at the labels together is better than cat/no-cat."
    if found["verdict"] == "better":
        return f"Nearly: on {name}, looking at the labels together is better, but by very little."
    if at_most is not None and at_most["high"] < MATTERS:
        return f"Yes: on {name}, repeated cat/no-cat is good enough."
    return f"As far as can be told: on {name}, nothing is shown to be better than cat/no-cat."


def _label_by_label(results: dict[str, Any], fitted: dict[str, Entry]) -> str:
    best = results["best"][LABELS]
    joint, independent = fitted[best["joint"]], fitted[best["independent"]]
    detectors = {one["name"] for one in results.get("detectors") or ()}
    many = {
        kind: sum(e["kind"] == kind and e["name"] not in detectors for e in fitted.values())
        for kind in _KINDS
    }
    thing = thing_of(results)
    each = "each label" if len(results["dataset"]["labels"]) > 1 else "the one label"
    return (
        f"Judged on {counted(results['protocol']['images_judged'], thing)} that none had learned"
        f" from, {_best_of(many['independent'], f'asks of {each} by itself')}"
        f" ({independent['name']}) finds the {thing}s of a label with a macro AP of"
        f" {_value(independent, LABELS)}, where 1 is perfect;"
        f" {_best_of(many['joint'], 'looks at all labels together')} ({joint['name']})"
        f" reaches {_value(joint, LABELS)}: a difference of {with_interval(best['found'])},"
        f" {_certainty(best['found'])}."
    )


def _best_of(many: int, does: str) -> str:
    """Tell a kind of methods by what they do.

    Examples
    --------
    >>> _best_of(1, "asks"), _best_of(3, "asks of each")
    ('the one method that asks', 'the best of 3 methods that ask of each')
    """
    if many == 1:
        return f"the one method that {does}"
    verb, _, rest = does.partition(" ")
    return f"the best of {many} methods that {verb.removesuffix('s')} {rest}"


def _detectors(results: dict[str, Any], fitted: dict[str, Entry]) -> Iterator[str]:
    for told in results.get("detectors") or ():
        entry = fitted.get(told["name"])
        found = entry and (entry["against_independent"] or {}).get(LABELS)
        if not entry or not found or found["difference"] is None:
            continue
        cost = told["ms_per_image"]
        yield (
            f"The detector {entry['name']} reaches {_value(entry, LABELS)},"
            f" {with_interval(found)} beside {entry['reference']},"
            f" {_certainty(found) if found['verdict'] != 'worse' else 'more than chance explains'}"
            + (f"; it takes {shortly(cost)} ms per picture." if cost else ".")
        )


def _failures(results: dict[str, Any]) -> str:
    failed = [entry["name"] for entry in results["methods"] if "failed" in entry]
    if not failed:
        return ""
    named = ", ".join(failed[:3]) + (f" and {len(failed) - 3} more" if len(failed) > 3 else "")
    return f"Without an answer, for they failed: {named}."


def _what_to_do(results: dict[str, Any], fitted: dict[str, Entry]) -> str:
    taken = results["recommended"]
    first, second = (fitted[taken.get(key, taken[LABELS])["take"]] for key in (LABELS, SETS))
    told = f"What to do now: take {_described(first)}"
    if second is not first and len(results["dataset"]["labels"]) > 1:
        told += (
            f" to find the {thing_of(results)}s of a label, and {_described(second)} to name all"
            f" labels of a {thing_of(results)}"
        )
    return told + "."


def _described(entry: Entry) -> str:
    kind = "label by label" if entry["kind"] == "independent" else "labels together"
    return f"{entry['name']} ({kind})"


def _certainty(found: Entry) -> str:
    return {
        "better": "more than chance explains",
        "worse": "in favour of the first and more than chance explains",
    }.get(found["verdict"], "which chance alone can explain")


def _value(entry: Entry, key: str) -> str:
    return f"{entry['metrics'][key]:.3f}"
