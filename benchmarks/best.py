"""The best methods of each kind beside each other, and what the others fall short of them."""

from collections.abc import Sequence
from typing import Any

from .metrics import METRICS
from .statistics import Resampled

PURPOSES = ("macro_ap", "subset_accuracy")
"""To find the pictures of each label, and to name all labels of a picture."""

Entry = dict[str, Any]


def find_best(entries: Sequence[Entry], resampled: Resampled) -> dict[str, Any]:
    """Hold the best joint method against the best independent one, whatever they learn by.

    A method's verdict is about its counterpart of the same base learner: what looking at labels
    together does by itself. Whoever has to choose one also wants to know whether the best joint
    method is better than the best independent one of all. Both are chosen by the judged pictures,
    so the difference is one of two winners: as luck chose both, it favours neither.

    Parameters
    ----------
    entries : sequence of dict
        Those of `results.json`'s "methods" that one could choose.
    resampled : Resampled
        What they said.

    Returns
    -------
    dict
        For each of `PURPOSES`: ``"independent"`` and ``"joint"``, the best of each kind or None;
        ``"found"``: {"difference", "low", "high", "p", "verdict"} of the joint less the independent
        one, or None; ``"at_most"``: {"name", "high"}, the joint method whose difference to the best
        independent one has the highest upper end, and that end; and ``"behind"``: {method: {"by",
        "error"}}, of those that come into question (joint ones only where one is shown to be
        better) how far each falls short of the best of them, and the standard error of that.
    """
    usable = [entry for entry in entries if "failed" not in entry]
    told: dict[str, Any] = {}
    for key in PURPOSES:
        known = [entry for entry in usable if entry["metrics"][key] is not None]
        independent = [entry for entry in known if entry["kind"] == "independent"]
        joint = [entry for entry in known if entry["kind"] == "joint"]
        one, other = _best(joint, key), _best(independent, key)
        found = _found(one, other, key, resampled) if one and other else None
        shown = found is not None and found["verdict"] == "better"
        told[key] = {
            "independent": other and other["name"],
            "joint": one and one["name"],
            "found": found,
            "at_most": _at_most(joint, other, key, resampled),
            "behind": _behind(known if shown or not independent else independent, key, resampled),
        }
    return told


def _found(joint: Entry, independent: Entry, key: str, resampled: Resampled) -> Entry:
    if joint["reference"] == independent["name"]:  # one verdict on a pair, not two
        own: Entry = joint["against_independent"][key]
        return own
    return resampled.against({joint["name"]: independent["name"]})[joint["name"]][key]


def _at_most(
    joint: Sequence[Entry], independent: Entry | None, key: str, resampled: Resampled
) -> Entry | None:
    """Say what no joint method exceeds, the luckiest nor the one that the least is known of."""
    if independent is None:
        return None
    told = resampled.against({entry["name"]: independent["name"] for entry in joint})
    ends = [
        {"name": name, "high": found[key]["high"]}
        for name, found in told.items()
        if found[key]["high"] is not None
    ]
    return max(ends, key=lambda end: end["high"], default=None)


def _behind(known: Sequence[Entry], key: str, resampled: Resampled) -> dict[str, Any]:
    best = _best(known, key)
    return {
        entry["name"]: {
            "by": round(METRICS[key].gain(best["metrics"][key] - entry["metrics"][key]), 6),
            "error": round(resampled.error(entry["name"], best["name"], key), 6),
        }
        for entry in known
        if best is not None
    }


def _best(entries: Sequence[Entry], key: str) -> Entry | None:
    """Give the first of the highest figures."""
    return max(entries, key=lambda e: METRICS[key].gain(e["metrics"][key]), default=None)
