"""From the runs of a cell to its error rates, coverages and power."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from ...analysis import PURPOSES
from ...metrics import METRICS
from ...significance import BETTER, WORSE
from .cells import Planned
from .trial import EQUAL_TO_REFERENCE

Run = Mapping[str, Any]


def summarise(
    planned: Planned, trials: Sequence[Run], truths: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return the figures of a cell.

    Parameters
    ----------
    planned : Planned
    trials : sequence of dict
        Those of `run_trial`.
    truths : sequence of dict
        Those of `true_figures`.

    Returns
    -------
    dict
        ``"cell"`` and ``"runs"``; ``"false"``: in how many runs the table held a false verdict;
        ``"own"``, ``"difference"``: {metric: {"covered", "shown", "asked"}} counts over methods and
        runs, of intervals that hold the true figure, that are shown, and of all; ``"by_run"``: the
        covered and shown intervals of each run, for the Monte Carlo error; ``"effects"``: {method:
        {metric: {"effect", "found", "found_images_only"}}}; ``"best"``: for each purpose the mean
        of the stated and the apparent difference, their Monte Carlo errors and the share of false
        verdicts.
    """
    effects = _true_effects(trials, truths, EQUAL_TO_REFERENCE.get(planned.cell.table, set()))
    summary: dict[str, Any] = {
        "cell": asdict(planned.cell),
        "runs": len(trials),
        "false": sum(_has_false(run, effects, planned.cell.table) for run in trials),
        "best": {key: _best(trials, key) for key in PURPOSES},
        "effects": {
            name: {key: _found(trials, name, key, effect) for key, effect in by_metric.items()}
            for name, by_metric in effects.items()
        },
    }
    if truths:
        own = {name: _mean(truths, name) for name in truths[0]}
        summary["own"] = _covered([run["intervals"] for run in trials], own)
        summary["difference"] = _covered([run["against"] for run in trials], effects)
    return summary


def _true_effects(
    trials: Sequence[Run], truths: Sequence[Mapping[str, Any]], equal: set[str]
) -> dict[str, dict[str, float]]:
    """Return the true difference of each method; without truths, the mean over the runs.

    That of equal methods is 0: two solvers of the same model differ by their tolerances.
    """
    references = trials[0]["references"]
    if truths:
        means = {name: _mean(truths, name) for name in truths[0]}
        return {
            name: {
                key: 0.0 if name in equal else means[name][key] - means[other][key]
                for key in METRICS
            }
            for name, other in references.items()
        }
    return {
        name: {
            key: float(np.mean([run["against"][name][key]["difference"] or 0.0 for run in trials]))
            for key in METRICS
        }
        for name in references
    }


def _mean(truths: Sequence[Mapping[str, Any]], name: str) -> dict[str, float]:
    return {key: float(np.mean([truth[name][key] for truth in truths])) for key in METRICS}


def _has_false(run: Run, effects: Mapping[str, Mapping[str, float]], table: str) -> bool:
    """Return whether a verdict tells equal methods apart or has the wrong direction."""
    equal = EQUAL_TO_REFERENCE.get(table, set())
    for name, by_metric in run["against"].items():
        for key, found in by_metric.items():
            gain = METRICS[key].gain(effects[name][key])
            wrong = {BETTER: gain <= 0, WORSE: gain >= 0}.get(found["verdict"], False)
            if found["verdict"] in (BETTER, WORSE) and (name in equal or wrong):
                return True
    return False


def _found(trials: Sequence[Run], name: str, key: str, effect: float) -> dict[str, float]:
    """Return the share of runs whose verdict has the direction of the true effect."""
    right = BETTER if METRICS[key].gain(effect) > 0 else WORSE
    return {
        "effect": effect,
        "found": float(np.mean([run["against"][name][key]["verdict"] == right for run in trials])),
        "found_images_only": float(
            np.mean([run["images_only"][name][key]["verdict"] == right for run in trials])
        ),
    }


def _covered(
    runs: Sequence[Mapping[str, Any]], truth: Mapping[str, Mapping[str, float]]
) -> dict[str, Any]:
    counts = {key: {"covered": 0, "shown": 0, "asked": 0} for key in METRICS}
    by_run = []
    for run in runs:
        covered = shown = 0
        for name, by_metric in run.items():
            for key, found in by_metric.items():
                counts[key]["asked"] += 1
                if found["low"] is None:
                    continue
                hit = found["low"] - 1e-9 <= truth[name][key] <= found["high"] + 1e-9
                counts[key]["shown"] += 1
                counts[key]["covered"] += hit
                shown, covered = shown + 1, covered + hit
        by_run.append([int(covered), shown])
    return {"metrics": counts, "by_run": by_run}


def _best(trials: Sequence[Run], key: str) -> dict[str, float] | None:
    found = [run["best"][key] for run in trials if run["best"][key]]
    if not found:
        return None
    stated, apparent = (
        np.array([one[name] for one in found]) for name in ("difference", "apparent_difference")
    )
    root = np.sqrt(max(1, len(found) - 1))
    return {
        "stated": float(stated.mean()),
        "stated_error": float(stated.std() / root),
        "apparent": float(apparent.mean()),
        "apparent_error": float(apparent.std() / root),
        "any_verdict": float(np.mean([one["verdict"] in (BETTER, WORSE) for one in found])),
    }
