"""How often the verdicts are right: ``python -m catnocat.benchmarks.statistics.simulate``."""

import argparse
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from joblib import Parallel, delayed

from ..measuring import run_measurement
from .resampled import BETTER, WORSE
from .trial import TRIALS, Trial, run_trial

Protocol = Literal["split", "folds"]
PROTOCOLS: tuple[Protocol, ...] = ("split", "folds")

FALSE_AT_MOST = 0.07
FOUND_AT_LEAST = 0.95

_HEAD = (
    *("world", "images", "judged on", "method", "against", "metric"),
    *("better, %", "worse, %", "intervals without 0, %", "asked"),
)

_PAGE = """\
# How often the verdicts are right

Written by `make simulate`. [statistics.md](statistics.md) says what is simulated and what for. In
each run images are drawn, and the benchmark itself fits, judges and compares two methods on them.
"better" and "worse" are the shares of runs with such a verdict, in the metric named or in any of
the 13.
"""


def simulate(
    trials: Sequence[Trial] = TRIALS,
    *,
    runs: int = 500,
    n_resamples: int = 2000,
    for_training: bool = True,
    seed: int = 0,
    n_jobs: int | None = None,
) -> Iterator[dict[str, Any]]:
    """Run every trial many times over, under a split and under folds.

    Parameters
    ----------
    trials : sequence of Trial
    runs : int
        Data sets drawn for each trial and protocol.
    n_resamples : int
        Of each run.
    for_training : bool
        Stretch the intervals for the training images, as the benchmark does.
    seed : int
        Of the first run; the next one has the next.
    n_jobs : int, optional
        Processes, as joblib counts them.

    Yields
    ------
    dict
        ``"world"``, ``"method"``, ``"reference"``, ``"protocol"``, ``"images"``, ``"runs"``;
        ``"metric"`` (None: any of them); ``"better"``, ``"worse"`` and ``"either"``: in what share
        of the runs there was such a verdict; ``"intervals_without_zero"``: their share of all
        intervals; ``"asked"``: what is asked of these shares, and ``"holds"``.

    Examples
    --------
    >>> rows = simulate(TRIALS[:1], runs=2, n_resamples=50)
    >>> [(row["protocol"], row["better"], row["worse"]) for row in rows]
    [('split', 0.0, 0.0), ('folds', 0.0, 0.0)]
    """
    for trial in trials:
        for protocol in PROTOCOLS:
            outcomes = Parallel(n_jobs=n_jobs)(
                delayed(run_trial)(
                    trial, protocol, number, n_resamples=n_resamples, for_training=for_training
                )
                for number in range(seed, seed + runs)
            )
            about = {
                "world": trial.world.__name__.replace("_", " "),
                "method": trial.method,
                "reference": trial.reference,
                "protocol": protocol,
                "images": trial.n_images,
                "runs": runs,
            }
            for metric in trial.better_in or (None,):
                yield about | _shares(outcomes, metric)


def _shares(outcomes: list[dict[str, Any]], metric: str | None) -> dict[str, Any]:
    kept = [
        [entry for key, entry in outcome.items() if metric in (None, key)] for outcome in outcomes
    ]
    verdicts = [{entry["verdict"] for entry in entries} for entries in kept]
    better, worse = (
        float(np.mean([word in found for found in verdicts])) for word in (BETTER, WORSE)
    )
    either = float(np.mean([bool(found & {BETTER, WORSE}) for found in verdicts]))
    away = [entry["low"] > 0 or entry["high"] < 0 for entries in kept for entry in entries]
    return {
        "metric": metric,
        "better": better,
        "worse": worse,
        "either": either,
        "intervals_without_zero": float(np.mean(away)),
        "asked": f"either <= {FALSE_AT_MOST:.0%}"
        if metric is None
        else f"better >= {FOUND_AT_LEAST:.0%}",
        "holds": either <= FALSE_AT_MOST if metric is None else better >= FOUND_AT_LEAST,
    }


def table(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Write the outcome as a Markdown table, line by line as the rows come.

    Examples
    --------
    >>> for line in table(simulate(TRIALS[:1], runs=1, n_resamples=50)):
    ...     print(line)
    | world | images | judged on | method | against | metric | better, % | worse, % | ... | asked |
    |---|---|---|---|---|---|---|---|---|---|
    | independent labels | 400 | split | chain | one-vs-rest | any | 0.0 | 0.0 | ... | ...: yes |
    | independent labels | 400 | folds | chain | one-vs-rest | any | 0.0 | 0.0 | ... | ...: yes |
    """
    yield f"| {' | '.join(_HEAD)} |"
    yield f"|{'---|' * len(_HEAD)}"
    for row in rows:
        shares = (row[key] for key in ("better", "worse", "intervals_without_zero"))
        cells = [
            *(str(row[key]) for key in ("world", "images", "protocol", "method", "reference")),
            row["metric"] or "any",
            *(f"{100 * share:.1f}" for share in shares),
            f"{row['asked']}: {'yes' if row['holds'] else 'NO'}",
        ]
        yield f"| {' | '.join(cells)} |"


def main(arguments: Sequence[str] | None = None) -> int:
    """Simulate, print the table, and write it as JSON if asked to.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the command line by default.

    Returns
    -------
    int
        0 where all shares are as asked, else 1; for the rest as `run_measurement` says.
    """
    parser = argparse.ArgumentParser(
        prog="catnocat.benchmarks.statistics.simulate",
        description="How often the verdicts of the comparison are right, by simulation.",
    )
    parser.add_argument("--runs", type=int, default=500, help="of each row [%(default)s]")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=-1, help="processes; -1: one per core")
    parser.add_argument(
        "--images-only",
        action="store_true",
        help="leave out what the comparison allows for other training images",
    )
    parser.add_argument("--out", type=Path, help="write the figures to this JSON file as well")
    parser.add_argument("--page", type=Path, help="write the table to this Markdown file as well")
    return run_measurement(parser, _measure, arguments)


def _measure(asked: argparse.Namespace) -> int:
    started = time.perf_counter()
    rows: list[dict[str, Any]] = []
    simulated = simulate(
        runs=asked.runs, for_training=not asked.images_only, seed=asked.seed, n_jobs=asked.jobs
    )

    def kept() -> Iterator[dict[str, Any]]:
        for row in simulated:
            rows.append(row)
            yield row

    lines = []
    for line in table(kept()):  # a row takes minutes: show it when it is there
        print(line, flush=True)
        lines.append(line)
    took = (
        f"{asked.runs} runs of each row, 2,000 resamples each; simulated in"
        f" {time.perf_counter() - started:.0f} s."
    )
    print(f"\n{took}")
    if asked.out is not None:
        asked.out.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    if asked.page is not None:
        page = [_PAGE, *lines, "", took]
        asked.page.write_text("\n".join(page) + "\n", encoding="utf-8")
    return 0 if all(row["holds"] for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
