"""Error rates, coverage and power of a setting, and the page with the tables."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from scipy import stats

from ...analysis import PURPOSES
from ...metrics import METRICS
from ...significance import BETTER, WORSE
from .trial import EQUAL_TO_REFERENCE, PlannedSetting

Trial = Mapping[str, Any]
Row = dict[str, Any]

MAX_FALSE = 0.07
COVERAGE_RANGE = (0.93, 0.97)
MIN_POWER_RATIO = 0.8
MIN_EFFECT = 0.02
TEST_LEVEL = 0.05
"""Level of the test that a share violates its bound: Monte Carlo error alone marks few rows."""

_HEADER = """\
# How often the verdicts are right

Written by `make simulate` ({size} size, {seconds:.0f} s). [statistics.md](statistics.md) describes
the simulation. In each run, images are drawn and the code of the benchmark fits and compares the
methods. Shares are in %, with their Monte Carlo standard errors. "OUT" marks a share that violates
its bound by more than its Monte Carlo error explains (5 % level).
"""


def summarise(
    planned: PlannedSetting, trials: Sequence[Trial], truths: Sequence[Mapping[str, Any]]
) -> Row:
    """Return the error rates, coverage and power of a setting.

    Parameters
    ----------
    planned : PlannedSetting
    trials : sequence of dict
        As returned by `run_trial`.
    truths : sequence of dict
        As returned by `true_metrics`.

    Returns
    -------
    dict
        ``"setting"`` and ``"runs"``; ``"false"``: number of runs whose table contains a false
        verdict; ``"own"``, ``"difference"``: {"metrics": {metric: {"covered", "shown", "total"}},
        "by_run": [[covered, shown]]}, the numbers of intervals that contain the true value, of
        intervals that are given, and of all, for metrics of a method and for differences;
        ``"effects"``: {method: {metric: {"effect", "found", "found_images_only"}}}; ``"best"``: for
        each purpose the means of the stated and of the apparent difference, their Monte Carlo
        errors and the share of false verdicts.
    """
    methods = planned.setting.methods
    effects = _true_effects(trials, truths, EQUAL_TO_REFERENCE.get(methods, set()))
    summary: Row = {
        "setting": asdict(planned.setting),
        "runs": len(trials),
        "false": sum(_has_false_verdict(trial, effects, methods) for trial in trials),
        "best": {key: _best_of_each_kind(trials, key) for key in PURPOSES},
        "effects": {
            name: {
                key: _detection_rate(trials, name, key, effect) for key, effect in by_metric.items()
            }
            for name, by_metric in effects.items()
        },
    }
    if truths:
        true_values = {name: _mean_metrics(truths, name) for name in truths[0]}
        summary["own"] = _count_coverage([trial["intervals"] for trial in trials], true_values)
        summary["difference"] = _count_coverage([trial["against"] for trial in trials], effects)
    return summary


def _true_effects(
    trials: Sequence[Trial], truths: Sequence[Mapping[str, Any]], equal: set[str]
) -> dict[str, dict[str, float]]:
    """Return the true difference of each method; without truths, the mean over the runs.

    The difference of equal methods is 0: two solvers of the same model differ by their tolerances.
    """
    references = trials[0]["references"]
    if truths:
        means = {name: _mean_metrics(truths, name) for name in truths[0]}
        return {
            name: {
                key: 0.0 if name in equal else means[name][key] - means[reference][key]
                for key in METRICS
            }
            for name, reference in references.items()
        }
    return {
        name: {
            key: float(
                np.mean([trial["against"][name][key]["difference"] or 0.0 for trial in trials])
            )
            for key in METRICS
        }
        for name in references
    }


def _mean_metrics(truths: Sequence[Mapping[str, Any]], name: str) -> dict[str, float]:
    return {key: float(np.mean([truth[name][key] for truth in truths])) for key in METRICS}


def _has_false_verdict(
    trial: Trial, effects: Mapping[str, Mapping[str, float]], methods: str
) -> bool:
    """Return whether a verdict separates equal methods or has the wrong direction."""
    equal = EQUAL_TO_REFERENCE.get(methods, set())
    for name, by_metric in trial["against"].items():
        for key, comparison in by_metric.items():
            gain = METRICS[key].gain(effects[name][key])
            verdict = comparison["verdict"]
            wrong = {BETTER: gain <= 0, WORSE: gain >= 0}.get(verdict, False)
            if verdict in (BETTER, WORSE) and (name in equal or wrong):
                return True
    return False


def _detection_rate(
    trials: Sequence[Trial], name: str, key: str, effect: float
) -> dict[str, float]:
    """Return the share of runs whose verdict has the direction of the true effect."""
    right = BETTER if METRICS[key].gain(effect) > 0 else WORSE

    def share(comparisons: str) -> float:
        return float(
            np.mean([trial[comparisons][name][key]["verdict"] == right for trial in trials])
        )

    return {
        "effect": effect,
        "found": share("against"),
        "found_images_only": share("images_only"),
    }


def _count_coverage(
    trials: Sequence[Mapping[str, Any]], true_values: Mapping[str, Mapping[str, float]]
) -> dict[str, Any]:
    counts = {key: {"covered": 0, "shown": 0, "total": 0} for key in METRICS}
    by_run = []
    for trial in trials:
        n_covered = n_shown = 0
        for name, by_metric in trial.items():
            for key, interval in by_metric.items():
                counts[key]["total"] += 1
                if interval["low"] is None:
                    continue
                low, high = interval["low"] - 1e-9, interval["high"] + 1e-9
                covered = low <= true_values[name][key] <= high
                counts[key]["shown"] += 1
                counts[key]["covered"] += covered
                n_shown, n_covered = n_shown + 1, n_covered + covered
        by_run.append([int(n_covered), n_shown])
    return {"metrics": counts, "by_run": by_run}


def _best_of_each_kind(trials: Sequence[Trial], key: str) -> dict[str, float] | None:
    comparisons = [trial["best"][key] for trial in trials if trial["best"][key]]
    if not comparisons:
        return None
    stated, apparent = (
        np.array([comparison[name] for comparison in comparisons])
        for name in ("difference", "apparent_difference")
    )
    root = np.sqrt(max(1, len(comparisons) - 1))
    verdicts = [comparison["verdict"] in (BETTER, WORSE) for comparison in comparisons]
    return {
        "stated": float(stated.mean()),
        "stated_error": float(stated.std() / root),
        "apparent": float(apparent.mean()),
        "apparent_error": float(apparent.std() / root),
        "any_verdict": float(np.mean(verdicts)),
    }


def render_page(rows: Sequence[Row], size: str, seconds: float) -> tuple[str, bool]:
    """Return the page in Markdown, and whether all shares are within their bounds.

    Parameters
    ----------
    rows : sequence of dict
        As returned by `summarise`.
    size : str
        Name of the simulation size.
    seconds : float
        Duration of the simulation.
    """
    sections = [_error_section(rows)]
    sections += [_coverage_section(rows, kind) for kind in ("own", "difference")]
    sections += [_metric_section(rows), _power_section(rows), _selection_section(rows)]
    text = "\n".join([_HEADER.format(size=size, seconds=seconds), *(text for text, _ in sections)])
    return text.rstrip() + "\n", all(holds for _, holds in sections)


def _error_section(rows: Sequence[Row]) -> tuple[str, bool]:
    lines, holds = [], True
    tested = [row for row in rows if row["setting"]["methods"] in ("4 equal", "4", "12")]

    def count(group: Sequence[Row]) -> list[Any]:
        nonlocal holds
        n_runs, n_false = (sum(row[key] for row in group) for key in ("runs", "false"))
        out = stats.binom.sf(n_false - 1, n_runs, MAX_FALSE) < TEST_LEVEL
        holds &= not out
        return [n_runs, _share(n_false, n_runs), "OUT" if out else "yes"]

    for names, group in _group(tested, ("methods", "scenario", "n_images", "protocol")):
        lines.append([*names, *count(group)])
    for (methods, n_images), group in _group(tested, ("methods", "n_images")):
        lines.append([methods, "all scenarios", n_images, "both", *count(group)])
    for (methods, protocol), group in _group(tested, ("methods", "protocol")):
        lines.append([methods, "all scenarios", "all", protocol, *count(group)])
    header = ("methods", "scenario", "images", "protocol", "runs", "false, %", "<= 7 %")
    return _section("Tables with any false verdict", header, lines), holds


def _coverage_section(rows: Sequence[Row], kind: str) -> tuple[str, bool]:
    lines, holds = [], True
    measured = [row for row in rows if row.get(kind)]
    for names, group in _group(measured, ("scenario", "n_images", "protocol")):
        by_run = np.array([pair for row in group for pair in row[kind]["by_run"]], dtype=float)
        n_total = sum(count["total"] for row in group for count in row[kind]["metrics"].values())
        n_covered, n_shown = by_run.sum(axis=0)
        if not n_shown:
            continue
        share = n_covered / n_shown
        # The intervals of one run are dependent, so the run is the unit.
        error = np.sqrt(((by_run[:, 0] - share * by_run[:, 1]) ** 2).sum()) / n_shown
        error = max(error, 1 / n_shown)
        low, high = share - 1.645 * error, share + 1.645 * error
        out = high < COVERAGE_RANGE[0] or low > COVERAGE_RANGE[1]
        holds &= not out
        coverage = f"{100 * share:.1f} ± {100 * error:.1f}"
        shown = f"{100 * n_shown / n_total:.0f}"
        lines.append([*names, len(by_run), shown, coverage, "OUT" if out else "yes"])
    title = {"own": "a metric", "difference": "a difference"}[kind]
    header = ("scenario", "images", "protocol", "runs", "shown, %", "coverage, %", "93 to 97 %")
    return _section(f"Coverage of the 95 % interval of {title}", header, lines), holds


def _metric_section(rows: Sequence[Row]) -> tuple[str, bool]:
    measured = [row for row in rows if row.get("own")]
    lines = []
    for key in measured[0]["own"]["metrics"] if measured else ():
        line: list[Any] = [key]
        for kind in ("own", "difference"):
            counts = [row[kind]["metrics"][key] for row in measured]
            shown, covered = (sum(count[name] for count in counts) for name in ("shown", "covered"))
            line.append(f"{100 * covered / shown:.1f}" if shown else "-")
        lines.append(line)
    header = ("metric", "of a metric, %", "of a difference, %")
    return _section("Coverage by metric, over all settings", header, lines), True


def _power_section(rows: Sequence[Row]) -> tuple[str, bool]:
    lines, holds = [], True
    for row in rows:
        setting = row["setting"]
        if setting["exclusive_share"] is None:
            continue
        for name, by_metric in row["effects"].items():
            rates = by_metric["subset_accuracy"]
            n_found = round(row["runs"] * rates["found"])
            images_only = rates["found_images_only"]
            required = MIN_POWER_RATIO * images_only if abs(rates["effect"]) >= MIN_EFFECT else 0.0
            out = stats.binom.cdf(n_found, row["runs"], required) < TEST_LEVEL
            holds &= not out
            lines.append(
                [
                    *(setting["exclusive_share"], setting["n_images"], name),
                    *(f"{rates['effect']:+.3f}", row["runs"], _share(n_found, row["runs"])),
                    *(f"{100 * images_only:.0f}", "OUT" if out else "yes"),
                ]
            )
    header = (
        *("exclusive share", "images", "method", "true effect", "runs", "found, %"),
        *("without the folds, %", "80 % of it"),
    )
    return _section("Power in subset accuracy, five folds", header, lines), holds


def _selection_section(rows: Sequence[Row]) -> tuple[str, bool]:
    lines, holds = [], True
    for row in rows:
        setting = row["setting"]
        if setting["methods"] != "20 against 1":
            continue
        for key, best in row["best"].items():
            if best is None:
                continue
            out = abs(best["stated"]) > max(0.005, 0.25 * abs(best["apparent"])) and (
                abs(best["stated"]) > 2 * best["stated_error"]
            )
            holds &= not out
            lines.append(
                [
                    *(setting["n_images"], setting["protocol"], key, row["runs"]),
                    f"{best['apparent']:+.4f} ± {best['apparent_error']:.4f}",
                    f"{best['stated']:+.4f} ± {best['stated_error']:.4f}",
                    f"{100 * best['any_verdict']:.0f}",
                    "OUT" if out else "yes",
                ]
            )
    header = (
        *("images", "protocol", "metric", "runs", "apparent difference"),
        *("stated difference", "any verdict, %", "at most a quarter is left"),
    )
    return _section("The best of 20 equal joint methods against one", header, lines), holds


def _group(rows: Iterable[Row], keys: Sequence[str]) -> list[tuple[tuple[Any, ...], list[Row]]]:
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        names = tuple(str(row["setting"][key]).replace("_", " ") for key in keys)
        groups.setdefault(names, []).append(row)
    return list(groups.items())


def _share(count: int, total: int) -> str:
    share = count / total
    return f"{100 * share:.1f} ± {100 * np.sqrt(share * (1 - share) / total):.1f}"


def _section(title: str, header: Sequence[str], lines: Iterable[Sequence[Any]]) -> str:
    rows = [f"| {' | '.join(map(str, line))} |" for line in (header, ["---"] * len(header), *lines)]
    return "\n".join([f"\n## {title}\n", *rows, ""])
