"""Test whether the best methods are better than the constant baseline, that is, usable."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ..evaluation.methods import CONSTANT
from ..significance import ResampledMetrics
from .best_methods import PURPOSES

CHANCE_AUROC = 0.5

Entry = Mapping[str, Any]


def compare_with_baseline(
    entries: Sequence[Entry], best: Mapping[str, Entry], resampled: ResampledMetrics
) -> dict[str, Any] | None:
    """Test whether the best method of each kind is better than a constant answer.

    Average precision rises with the prevalence and, in a resample that holds some images twice, a
    little by itself. So for macro AP a method counts as better than the baseline if the 95 %
    confidence intervals of its macro AP and of its macro AUROC lie above chance: the prevalence
    among the test images, and 0.5. For subset accuracy the 95 % confidence interval of the paired
    difference has to lie above zero.

    Parameters
    ----------
    entries : sequence of dict
        `results.json`'s "methods", with the constant baseline.
    best : mapping
        `results.json`'s "best".
    resampled : ResampledMetrics
        Of all entries.

    Returns
    -------
    dict or None
        `results.json`'s "baseline": ``"name"``; ``"label_set"``, the most frequent one; and for
        each of `PURPOSES` ``"value"``, the baseline's figure, ``"beaten_by"``, the names of the
        best methods that are better than it (None where no interval is known), and for subset
        accuracy their ``"differences"``. None where there is no baseline.
    """
    by_name = {entry["name"]: entry for entry in entries if "failed" not in entry}
    baseline = by_name.get(CONSTANT.name)
    if baseline is None:
        return None
    finding, label_sets = PURPOSES
    candidates = {
        key: [best[key][kind] for kind in ("independent", "joint") if best[key][kind]]
        for key in PURPOSES
    }
    chance = baseline["metrics"][finding]
    pairs = dict.fromkeys(candidates[label_sets], CONSTANT.name)
    differences = {name: found[label_sets] for name, found in resampled.against(pairs).items()}
    return {
        "name": CONSTANT.name,
        "label_set": most_frequent_set(baseline),
        finding: {
            "value": chance,
            "beaten_by": _names_above(
                {
                    name: _above_chance(by_name[name], finding, chance)
                    for name in candidates[finding]
                }
            ),
        },
        label_sets: {
            "value": baseline["metrics"][label_sets],
            "beaten_by": _names_above(
                {
                    name: None if found["low"] is None else found["low"] > 0
                    for name, found in differences.items()
                }
            ),
            "differences": differences,
        },
    }


def most_frequent_set(baseline: Entry) -> list[str]:
    """Return the constant baseline's label set; of several folds the most frequent one."""
    sets = Counter(tuple(chosen["label_set"]) for chosen in baseline["chosen"])
    return [label for found, _ in sets.most_common(1) for label in found]


def _above_chance(entry: Entry, key: str, chance: float | None) -> bool | None:
    low, auroc_low = entry["intervals"][key]["low"], entry["intervals"]["macro_auroc"]["low"]
    bounds = [(low, chance), (auroc_low, CHANCE_AUROC)]
    known = [(value, bound) for value, bound in bounds if value is not None and bound is not None]
    return all(value > bound for value, bound in known) if known else None


def _names_above(above: Mapping[str, bool | None]) -> list[str] | None:
    """Return the names whose test succeeded; None where no test could be made."""
    if all(result is None for result in above.values()):
        return None
    return [name for name, result in above.items() if result]
