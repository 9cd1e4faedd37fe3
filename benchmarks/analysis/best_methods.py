"""Reference method, best methods per purpose, and their comparison with the constant baseline."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import cast

from ..evaluation import MethodResult
from ..evaluation.methods import CONSTANT
from ..metrics import METRICS
from ..significance import ResampledMetrics
from .results import (
    BaselineInfo,
    BestDifference,
    BestMethods,
    Difference,
    MethodEntry,
    Shortfall,
    UpperBound,
)

PURPOSES = ("macro_ap", "subset_accuracy")
"""Metrics of the two purposes: finding the images of a label, and predicting exact label sets."""

CHANCE_AUROC = 0.5


def find_reference(results: Sequence[MethodResult]) -> str | None:
    """Return the reference of the whole comparison: the first independent method that was fitted.

    Detectors are no reference. Each method is compared with the reference of its own base learner,
    see `catnocat.benchmarks.evaluation.methods.independent_reference`; curves, confident errors and
    label dependence are those of this one.

    Parameters
    ----------
    results : sequence of MethodResult
    """
    names = [
        result.method.name
        for result in results
        if result.method.kind == "independent" and not (result.failed or result.method.external)
    ]
    return names[0] if names else None


def find_best(
    entries: Sequence[MethodEntry], resampled: ResampledMetrics
) -> dict[str, BestMethods]:
    """Compare the best joint method with the best independent one, for each purpose.

    The verdict of a method in the table is on the independent method of the same base learner: it
    isolates the effect of seeing all labels. To choose a method, the best of all matter. They are
    selected on the test images, so their figures are too high by luck, the more so the more methods
    there are. This selection bias is estimated for both kinds and subtracted
    (`catnocat.benchmarks.significance.selection_bias`).

    Parameters
    ----------
    entries : sequence of MethodEntry
        Methods to choose from: no detector, no baseline.
    resampled : ResampledMetrics
        Figures of the methods on resamples of the test images.

    Returns
    -------
    dict
        Section "best" of `results.json`: one entry for each of `PURPOSES`.
    """
    fitted = [entry for entry in entries if "failed" not in entry]
    best: dict[str, BestMethods] = {}
    for key in PURPOSES:
        known = [entry for entry in fitted if entry["metrics"][key] is not None]
        independent = [entry for entry in known if entry["kind"] == "independent"]
        joint = [entry for entry in known if entry["kind"] == "joint"]
        best_joint, best_independent = _best(joint, key), _best(independent, key)
        overall = _best(known, key)
        bias = {
            kind: resampled.selection_bias([entry["name"] for entry in group], key)
            for kind, group in (("joint", joint), ("independent", independent))
        }
        comparison = (
            _compare(best_joint, best_independent, key, resampled, bias)
            if best_joint and best_independent
            else None
        )
        joint_eligible = not independent or (
            comparison is not None and comparison["verdict"] == "better"
        )
        best[key] = {
            "method": overall and overall["name"],
            "independent": best_independent and best_independent["name"],
            "joint": best_joint and best_joint["name"],
            "comparison": comparison,
            "upper_bound": _upper_bound(
                joint, best_independent, key, resampled, bias["independent"]
            ),
            "shortfall": _shortfall(known if joint_eligible else independent, key, resampled),
        }
    return best


def _compare(
    joint: MethodEntry,
    independent: MethodEntry,
    key: str,
    resampled: ResampledMetrics,
    bias: Mapping[str, float],
) -> BestDifference:
    net_bias = bias["joint"] - bias["independent"]
    if net_bias == 0 and joint["reference"] == independent["name"]:
        # The table has this comparison already, adjusted for all others of the table.
        difference = (joint["against_independent"] or {})[key]
    else:
        pair = {joint["name"]: independent["name"]}
        by_metric = {key: METRICS[key].direction * net_bias}
        difference = cast(Difference, resampled.against(pair, by_metric)[joint["name"]][key])
    apparent = _figure(joint, key) - _figure(independent, key)
    return cast(BestDifference, {**difference, "apparent_difference": apparent})


def _upper_bound(
    joint: Sequence[MethodEntry],
    independent: MethodEntry | None,
    key: str,
    resampled: ResampledMetrics,
    bias: float,
) -> UpperBound | None:
    """Return the largest upper end of the intervals of all joint methods.

    The selection bias of the best independent method is subtracted from its figure.
    """
    if independent is None:
        return None
    differences = resampled.against(
        {entry["name"]: independent["name"] for entry in joint},
        {key: -METRICS[key].direction * bias},
    )
    ends: list[UpperBound] = [
        {"name": name, "high": by_metric[key]["high"]}
        for name, by_metric in differences.items()
        if by_metric[key]["high"] is not None
    ]
    return max(ends, key=lambda end: end["high"], default=None)


def _shortfall(
    eligible: Sequence[MethodEntry], key: str, resampled: ResampledMetrics
) -> dict[str, Shortfall]:
    best = _best(eligible, key)
    if best is None:
        return {}
    return {
        entry["name"]: {
            "value": round(METRICS[key].gain(_figure(best, key) - _figure(entry, key)), 6),
            "standard_error": round(resampled.standard_error(entry["name"], best["name"], key), 6),
        }
        for entry in eligible
    }


def _best(entries: Sequence[MethodEntry], key: str) -> MethodEntry | None:
    """Return the entry with the best figure; of ties the first."""
    return max(entries, key=lambda entry: METRICS[key].gain(_figure(entry, key)), default=None)


def _figure(entry: MethodEntry, key: str) -> float:
    value = entry["metrics"][key]
    assert value is not None
    return float(value)


def compare_with_baseline(
    entries: Sequence[MethodEntry], best: Mapping[str, BestMethods], resampled: ResampledMetrics
) -> BaselineInfo | None:
    """Test whether the best methods of each kind are better than the constant baseline.

    Average precision increases with the prevalence, and slightly in resamples that contain images
    twice. A method therefore counts as better than the baseline in macro AP if the 95 % confidence
    intervals of its macro AP and of its macro AUROC are above chance: the prevalence among the test
    images, and 0.5. In subset accuracy the 95 % confidence interval of the paired difference has to
    be above zero.

    Parameters
    ----------
    entries : sequence of MethodEntry
        All methods and the constant baseline.
    best : mapping
        See `find_best`.
    resampled : ResampledMetrics
        Figures of all entries.

    Returns
    -------
    dict or None
        Section "baseline" of `results.json`; None without a baseline.
    """
    by_name = {entry["name"]: entry for entry in entries if "failed" not in entry}
    baseline = by_name.get(CONSTANT.name)
    if baseline is None:
        return None
    finding, label_sets = PURPOSES
    candidates = {
        key: [name for name in (best[key]["independent"], best[key]["joint"]) if name]
        for key in PURPOSES
    }
    chance = baseline["metrics"][finding]
    pairs = dict.fromkeys(candidates[label_sets], CONSTANT.name)
    differences = {
        name: cast(Difference, by_metric[label_sets])
        for name, by_metric in resampled.against(pairs).items()
    }
    return {
        "name": CONSTANT.name,
        "label_set": most_frequent_set(baseline),
        "macro_ap": {
            "value": chance,
            "beaten_by": _names_above(
                {
                    name: _above_chance(by_name[name], finding, chance)
                    for name in candidates[finding]
                }
            ),
        },
        "subset_accuracy": {
            "value": baseline["metrics"][label_sets],
            "beaten_by": _names_above(
                {
                    name: None if difference["low"] is None else difference["low"] > 0
                    for name, difference in differences.items()
                }
            ),
            "differences": differences,
        },
    }


def most_frequent_set(baseline: MethodEntry) -> list[str]:
    """Return the label set of the constant baseline; of several folds the most frequent one."""
    sets = Counter(tuple(chosen["label_set"]) for chosen in baseline["chosen"])
    return [label for label_set, _ in sets.most_common(1) for label in label_set]


def _above_chance(entry: MethodEntry, key: str, chance: float | None) -> bool | None:
    low, auroc_low = entry["intervals"][key]["low"], entry["intervals"]["macro_auroc"]["low"]
    bounds = [(low, chance), (auroc_low, CHANCE_AUROC)]
    known = [(value, bound) for value, bound in bounds if value is not None and bound is not None]
    return all(value > bound for value, bound in known) if known else None


def _names_above(above: Mapping[str, bool | None]) -> list[str] | None:
    """Return the names whose test succeeded; None if no test was possible."""
    if all(result is None for result in above.values()):
        return None
    return [name for name, result in above.items() if result]
