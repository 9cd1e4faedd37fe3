"""The best methods of each kind, beside each other, and which one to take for what."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .comparison import Outcome
from .metrics import METRICS
from .statistics import compare_with_references
from .tables import LabelTable
from .verdicts import scorecards, units_of

PURPOSES = ("macro_ap", "subset_accuracy")
"""To find the pictures of each label, and to name all labels of a picture."""
MATTERS = 0.01  # of either: a smaller difference is nothing to change a method for

Entry = dict[str, Any]


def find_best(
    entries: Sequence[Entry],
    outcomes: Sequence[Outcome],
    judged: LabelTable,
    *,
    averaged: NDArray[np.bool_] | None = None,
    test_to_train: float,
    seed: int = 0,
    n_jobs: int = 1,
) -> dict[str, Any]:
    """Hold the best joint method against the best independent one, whatever they learn by.

    A method's verdict is about its counterpart of the same base learner: what looking at labels
    together does by itself. Whoever has to choose one also wants to know whether the best joint
    method is better than the best independent one of all. Both are chosen by the judged pictures,
    so the difference is one of two winners: as luck chose both, it favours neither.

    Parameters
    ----------
    entries : sequence of dict
        `results.json`'s "methods".
    outcomes : sequence of Outcome
        The same.
    judged, averaged, test_to_train, seed, n_jobs
        As for `catnocat.benchmarks.verdicts.with_statistics`.

    Returns
    -------
    dict
        For each of `PURPOSES`: ``"independent"`` and ``"joint"``, the best of each kind or None;
        ``"found"``: {"difference", "low", "high", "p", "verdict"} of the joint less the independent
        one, or None; and ``"take"``: the simplest and quickest of those within .01 of the best,
        joint ones only where one is shown to be better.
    """
    methods = {outcome.method.name: outcome.method for outcome in outcomes}
    usable = [e for e in entries if "failed" not in e and not methods[e["name"]].rival]
    fitted = [outcome for outcome in outcomes if not outcome.failed]
    cards = scorecards(fitted, judged, averaged)
    how: dict[str, Any] = {
        "units": units_of(fitted, judged),
        "test_to_train": test_to_train,
        "seed": seed,
        "n_jobs": n_jobs,
    }
    pairs: dict[tuple[str, str], Any] = {}
    told: dict[str, dict[str, Any]] = {}
    eligible: dict[str, list[Entry]] = {}
    for key in PURPOSES:
        known = [entry for entry in usable if entry["metrics"][key] is not None]
        best = {kind: _best(known, key, kind) for kind in ("independent", "joint")}
        one, other = best["joint"], best["independent"]
        found = None
        if one and other and one["reference"] == other["name"]:
            found = one["against_independent"][key]
        elif one and other:
            pair = (str(one["name"]), str(other["name"]))
            if pair not in pairs:
                both = {name: cards[name] for name in pair}
                compared = compare_with_references(both, {pair[0]: pair[1]}, **how)
                pairs[pair] = compared[pair[0]]["against_reference"]
            found = pairs[pair][key]
        told[key] = {kind: entry and entry["name"] for kind, entry in best.items()}
        told[key] |= {"found": found}
        eligible[key] = candidates(known, found)
    taken = take(eligible)
    return {key: one | {"take": taken.get(key)} for key, one in told.items()}


def candidates(known: Sequence[Entry], found: Entry | None) -> list[Entry]:
    """Leave out the joint methods where none is shown to be better."""
    independent = [entry for entry in known if entry["kind"] == "independent"]
    shown = found is not None and found["verdict"] == "better"
    return list(known) if shown or not independent else independent


def take(candidates: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, str]:
    """Name the method to use for each purpose, one for all of them where that costs nothing.

    Of those within .01 of the best an independent one is taken, of those the quickest to learn.

    Parameters
    ----------
    candidates : mapping of str to sequence of dict
        By metric, the methods that come into question.

    Examples
    --------
    >>> def entry(name, kind, ap, right, seconds):
    ...     return {"name": name, "kind": kind, "fit_seconds": seconds,
    ...             "metrics": {"macro_ap": ap, "subset_accuracy": right}}
    >>> slow = entry("slow", "independent", 0.6, 0.3, 9)
    >>> quick = entry("quick", "independent", 0.595, 0.3, 1)
    >>> powerset = entry("powerset", "joint", 0.5, 0.4, 1)
    >>> take({"macro_ap": [slow, quick], "subset_accuracy": [slow, quick]})
    {'macro_ap': 'quick', 'subset_accuracy': 'quick'}
    >>> take({"macro_ap": [slow, quick], "subset_accuracy": [slow, quick, powerset]})
    {'macro_ap': 'quick', 'subset_accuracy': 'powerset'}
    """
    equals = {key: _equals(entries, key) for key, entries in candidates.items()}
    first = next(iter(equals.values()), [])
    for_all = [entry for entry in first if all(entry in some for some in equals.values())]
    return {
        key: str(min(for_all or some, key=_effort)["name"]) for key, some in equals.items() if some
    }


def _equals(entries: Sequence[Mapping[str, Any]], key: str) -> list[Mapping[str, Any]]:
    known = [entry for entry in entries if entry["metrics"][key] is not None]
    gains = [METRICS[key].gain(entry["metrics"][key]) for entry in known]
    top = max(gains, default=0.0)
    return [entry for entry, gain in zip(known, gains, strict=True) if top - gain < MATTERS]


def _effort(entry: Mapping[str, Any]) -> tuple[bool, float]:
    return entry["kind"] == "joint", entry["fit_seconds"] or 0.0


def _best(entries: Sequence[Entry], key: str, kind: str) -> Entry | None:
    """Give the first of the highest figures."""
    of_kind = [entry for entry in entries if entry["kind"] == kind]
    return max(of_kind, key=lambda e: METRICS[key].gain(e["metrics"][key]), default=None)
