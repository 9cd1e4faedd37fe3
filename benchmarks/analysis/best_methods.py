"""The best methods of each kind beside each other, and what the others fall short of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..metrics import METRICS
from ..significance import ResampledMetrics

PURPOSES = ("macro_ap", "subset_accuracy")
"""To find the pictures of each label, and to name all labels of a picture."""

Entry = dict[str, Any]


def find_best(entries: Sequence[Entry], resampled: ResampledMetrics) -> dict[str, Any]:
    """Hold the best joint method against the best independent one, whatever they learn by.

    A method's verdict is about its counterpart of the same base learner: what looking at labels
    together does by itself. Whoever has to choose one also wants to know whether the best joint
    method is better than the best independent one of all. Both are chosen by the test images, so
    each looks better than it is, the more so the more methods it was chosen from. That luck is
    estimated for both kinds and taken off (`catnocat.benchmarks.significance.selection_bias`).

    Parameters
    ----------
    entries : sequence of dict
        Those of `results.json`'s "methods" that one could choose.
    resampled : ResampledMetrics
        What they said.

    Returns
    -------
    dict
        For each of `PURPOSES`: ``"independent"`` and ``"joint"``, the best of each kind or None;
        ``"found"``: {"difference", "low", "high", "p", "verdict", "apparent_difference"} of the
        joint less the independent one, without the luck of either, and the difference of the two
        figures as they are in the table; or None; ``"at_most"``: {"name", "high"}, the joint method
        whose difference to the best
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
        luck = {
            kind: resampled.selection_bias([entry["name"] for entry in entries], key)
            for kind, entries in (("joint", joint), ("independent", independent))
        }
        found = _found(one, other, key, resampled, luck) if one and other else None
        shown = found is not None and found["verdict"] == "better"
        told[key] = {
            "independent": other and other["name"],
            "joint": one and one["name"],
            "found": found,
            "at_most": _at_most(joint, other, key, resampled, luck["independent"]),
            "behind": _behind(known if shown or not independent else independent, key, resampled),
        }
    return told


def _found(
    joint: Entry,
    independent: Entry,
    key: str,
    resampled: ResampledMetrics,
    luck: Mapping[str, float],
) -> Entry:
    favour = luck["joint"] - luck["independent"]
    pair = {joint["name"]: independent["name"]}
    if favour == 0 and joint["reference"] == independent["name"]:
        # The table has this comparison already, adjusted for all others of the table.
        compared = joint["against_independent"][key]
    else:
        by_metric = {key: METRICS[key].direction * favour}
        compared = resampled.against(pair, by_metric)[joint["name"]][key]
    apparent = joint["metrics"][key] - independent["metrics"][key]
    return {**compared, "apparent_difference": apparent}


def _at_most(
    joint: Sequence[Entry],
    independent: Entry | None,
    key: str,
    resampled: ResampledMetrics,
    luck: float,
) -> Entry | None:
    """Return the highest upper end of all joint methods' differences.

    The best independent method was chosen for its figure, so its luck is taken off it.
    """
    if independent is None:
        return None
    differences = resampled.against(
        {entry["name"]: independent["name"] for entry in joint},
        {key: -METRICS[key].direction * luck},
    )
    ends = [
        {"name": name, "high": found[key]["high"]}
        for name, found in differences.items()
        if found[key]["high"] is not None
    ]
    return max(ends, key=lambda end: end["high"], default=None)


def _behind(known: Sequence[Entry], key: str, resampled: ResampledMetrics) -> dict[str, Any]:
    best = _best(known, key)
    return {
        entry["name"]: {
            "by": round(METRICS[key].gain(best["metrics"][key] - entry["metrics"][key]), 6),
            "error": round(resampled.standard_error(entry["name"], best["name"], key), 6),
        }
        for entry in known
        if best is not None
    }


def _best(entries: Sequence[Entry], key: str) -> Entry | None:
    """Give the first of the highest figures."""
    return max(entries, key=lambda e: METRICS[key].gain(e["metrics"][key]), default=None)
