"""The page of the simulation: tables in Markdown, and whether the bounds hold."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from scipy import stats

FALSE_AT_MOST = 0.07
COVERAGE = (0.93, 0.97)
POWER_KEPT = 0.8
MIN_EFFECT = 0.02
SURE = 0.05
"""Level of the test that a share is out of its bound: Monte Carlo error alone marks few rows."""

_TOP = """\
# How often the verdicts are right

Written by `make simulate` ({form} form, {seconds:.0f} s). [statistics.md](statistics.md) says what
is simulated and why. Each run draws images, and the benchmark's own code fits and compares the
methods. Shares are in %, with their Monte Carlo standard errors. "OUT" marks a share that is out of
its bound by more than its Monte Carlo error explains (5 % level).
"""


def page(rows: Sequence[dict[str, Any]], form: str, seconds: float) -> tuple[str, bool]:
    """Return the page and whether everything is within its bounds.

    Parameters
    ----------
    rows : sequence of dict
        Those of `summarise`.
    form : str
    seconds : float
        What the simulation took.
    """
    sections = [_errors(rows), *(_coverage(rows, kind) for kind in ("own", "difference"))]
    sections += [_by_metric(rows), _power(rows), _best(rows)]
    text = "\n".join([_TOP.format(form=form, seconds=seconds), *(text for text, _ in sections)])
    return text.rstrip() + "\n", all(holds for _, holds in sections)


def _errors(rows: Sequence[dict[str, Any]]) -> tuple[str, bool]:
    lines, holds = [], True
    kept = [row for row in rows if row["cell"]["table"] in ("4 equal", "4", "12")]
    for cell, group in _grouped(kept, ("table", "world", "n_images", "protocol")):
        runs, false = (sum(row[key] for row in group) for key in ("runs", "false"))
        out = stats.binom.sf(false - 1, runs, FALSE_AT_MOST) < SURE
        holds &= not out
        lines.append([*cell, runs, _share(false, runs), "OUT" if out else "yes"])
    for label, keys in (("all worlds", ("table", "n_images")), ("all", ("table", "protocol"))):
        for cell, group in _grouped(kept, keys):
            runs, false = (sum(row[key] for row in group) for key in ("runs", "false"))
            out = stats.binom.sf(false - 1, runs, FALSE_AT_MOST) < SURE
            holds &= not out
            size, protocol = (cell[1], "both") if "n_images" in keys else ("all", cell[1])
            row = [cell[0], label, size, protocol, runs, _share(false, runs)]
            lines.append([*row, "OUT" if out else "yes"])
    head = ("methods", "world", "images", "judged on", "runs", "false, %", "<= 7 %")
    return _section("Tables with any false verdict", head, lines), holds


def _coverage(rows: Sequence[dict[str, Any]], kind: str) -> tuple[str, bool]:
    lines, holds = [], True
    kept = [row for row in rows if row.get(kind)]
    for cell, group in _grouped(kept, ("world", "n_images", "protocol")):
        by_run = np.array([pair for row in group for pair in row[kind]["by_run"]], dtype=float)
        asked = sum(c["asked"] for row in group for c in row[kind]["metrics"].values())
        covered, shown = by_run.sum(axis=0)
        if not shown:
            continue
        share = covered / shown
        # The intervals of one run hold or miss together, so a run is one draw.
        error = np.sqrt(((by_run[:, 0] - share * by_run[:, 1]) ** 2).sum()) / shown
        error = max(error, 1 / shown)
        low, high = share - 1.645 * error, share + 1.645 * error
        out = high < COVERAGE[0] or low > COVERAGE[1]
        holds &= not out
        text = f"{100 * share:.1f} ± {100 * error:.1f}"
        lines.append([*cell, len(by_run), f"{100 * shown / asked:.0f}", text])
        lines[-1].append("OUT" if out else "yes")
    title = {"own": "a method", "difference": "a difference"}[kind]
    head = ("world", "images", "judged on", "runs", "shown, %", "coverage, %", "93 to 97 %")
    return _section(f"Coverage of the 95 % interval of {title}", head, lines), holds


def _by_metric(rows: Sequence[dict[str, Any]]) -> tuple[str, bool]:
    kept = [row for row in rows if row.get("own")]
    lines = []
    for key in kept[0]["own"]["metrics"] if kept else ():
        line: list[Any] = [key]
        for kind in ("own", "difference"):
            counts = [row[kind]["metrics"][key] for row in kept]
            shown, covered = (sum(count[name] for count in counts) for name in ("shown", "covered"))
            line.append(f"{100 * covered / shown:.1f}" if shown else "-")
        lines.append(line)
    head = ("metric", "of a method, %", "of a difference, %")
    return _section("Coverage by metric, over all cells", head, lines), True


def _power(rows: Sequence[dict[str, Any]]) -> tuple[str, bool]:
    lines, holds = [], True
    for row in rows:
        if row["cell"]["share"] is None:
            continue
        for name, by_metric in row["effects"].items():
            one = by_metric["subset_accuracy"]
            found, plain = round(row["runs"] * one["found"]), one["found_images_only"]
            needed = POWER_KEPT * plain if abs(one["effect"]) >= MIN_EFFECT else 0.0
            out = stats.binom.cdf(found, row["runs"], needed) < SURE
            holds &= not out
            cell = row["cell"]
            lines.append(
                [
                    *(cell["share"], cell["n_images"], name, f"{one['effect']:+.3f}", row["runs"]),
                    *(_share(found, row["runs"]), f"{100 * plain:.0f}", "OUT" if out else "yes"),
                ]
            )
    head = (
        *("exclusive share", "images", "method", "true effect", "runs", "found, %"),
        *("without the folds, %", "80 % of it"),
    )
    return _section("Power in subset accuracy, five folds", head, lines), holds


def _best(rows: Sequence[dict[str, Any]]) -> tuple[str, bool]:
    lines, holds = [], True
    for row in rows:
        if row["cell"]["table"] != "20 against 1":
            continue
        for key, one in row["best"].items():
            if one is None:
                continue
            out = abs(one["stated"]) > max(0.005, 0.25 * abs(one["apparent"])) and (
                abs(one["stated"]) > 2 * one["stated_error"]
            )
            holds &= not out
            cell = row["cell"]
            lines.append(
                [
                    *(cell["n_images"], cell["protocol"], key, row["runs"]),
                    f"{one['apparent']:+.4f} ± {one['apparent_error']:.4f}",
                    f"{one['stated']:+.4f} ± {one['stated_error']:.4f}",
                    f"{100 * one['any_verdict']:.0f}",
                    "OUT" if out else "yes",
                ]
            )
    head = (
        *("images", "judged on", "metric", "runs", "apparent difference"),
        *("stated difference", "any verdict, %", "at most a quarter is left"),
    )
    return _section("The best of 20 equal joint methods against one", head, lines), holds


def _grouped(
    rows: Iterable[dict[str, Any]], keys: Sequence[str]
) -> list[tuple[tuple[Any, ...], list[dict[str, Any]]]]:
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in rows:
        name = tuple(str(row["cell"][key]).replace("_", " ") for key in keys)
        groups.setdefault(name, []).append(row)
    return list(groups.items())


def _share(part: int, whole: int) -> str:
    share = part / whole
    return f"{100 * share:.1f} ± {100 * np.sqrt(share * (1 - share) / whole):.1f}"


def _section(title: str, head: Sequence[str], lines: Iterable[Sequence[Any]]) -> str:
    rows = [f"| {' | '.join(map(str, line))} |" for line in (head, ["---"] * len(head), *lines)]
    return "\n".join([f"\n## {title}\n", *rows, ""])
