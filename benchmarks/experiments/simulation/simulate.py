"""Simulation of the comparison in many settings (`make simulate`)."""

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from joblib import Parallel, delayed

from ..command import run_measurement
from .summary import render_page, summarise
from .trial import PlannedSetting, Protocol, Setting, run_trial, true_metrics

SCENARIOS = (
    *("independent_labels", "mutual_exclusion", "strong_exclusion"),
    *("cooccurrence", "shared_nonlinearity", "rare_labels_2", "rare_labels_5"),
)
N_IMAGES = (200, 400, 800, 3000)
EXCLUSIVE_SHARES = (0.15, 0.3, 0.6, 1.0)
"""Shares of images with mutually exclusive labels, for the power curve."""

PROTOCOLS: tuple[Protocol, ...] = ("folds", "split")


@dataclass(frozen=True)
class SimulationSize:
    """All settings of a simulation.

    Attributes
    ----------
    settings : tuple of PlannedSetting
    n_resamples : int
    """

    settings: tuple[PlannedSetting, ...]
    n_resamples: int


@dataclass(frozen=True)
class PowerCurve:
    """Settings that measure the power against the share of exclusive labels."""

    n_images: tuple[int, ...]
    exclusive_shares: tuple[float, ...]
    n_runs: int
    n_truths: int


def _plan(
    n_images: tuple[int, ...],
    scenarios: tuple[str, ...],
    runs: dict[str, tuple[int, int]],
    power: PowerCurve,
    n_selection_runs: int,
) -> tuple[PlannedSetting, ...]:
    """Return all settings; the numbers of runs and truths are divided by the root of n / 200.

    Parameters
    ----------
    n_images, scenarios
        Grid of the settings.
    runs : dict
        By set of methods: the number of runs and of truths with 200 images.
    power : PowerCurve
    n_selection_runs : int
        Runs that compare the best of 20 methods with one.
    """

    def scaled(number: int, n: int) -> int:
        return max(2, round(number * (200 / n) ** 0.5)) if number else 0

    settings = [
        PlannedSetting(
            Setting(scenario, n, protocol, methods), scaled(n_runs, n), scaled(n_truths, n)
        )
        for methods, (n_runs, n_truths) in runs.items()
        for scenario, n, protocol in product(scenarios, n_images, PROTOCOLS)
    ]
    settings += [
        PlannedSetting(
            Setting("partial_exclusion", n, "folds", "2", share), power.n_runs, power.n_truths
        )
        for n, share in product(power.n_images, power.exclusive_shares)
    ]
    if n_selection_runs:
        settings += [
            PlannedSetting(
                Setting("independent_labels", 200, protocol, "20 against 1"), n_selection_runs
            )
            for protocol in PROTOCOLS
        ]
    return tuple(settings)


SIZES = {
    "full": SimulationSize(
        _plan(
            N_IMAGES,
            SCENARIOS,
            {"4 equal": (40, 0), "4": (20, 10), "12": (6, 0)},
            PowerCurve((200, 400, 800), EXCLUSIVE_SHARES, 30, 8),
            40,
        ),
        1000,
    ),
    "short": SimulationSize(
        _plan(
            (200, 800),
            ("independent_labels", "mutual_exclusion", "cooccurrence", "rare_labels_5"),
            {"4 equal": (14, 0), "4": (8, 5)},
            PowerCurve((400,), (0.3, 1.0), 10, 4),
            10,
        ),
        500,
    ),
    "tiny": SimulationSize(
        _plan(
            (120,),
            ("mutual_exclusion",),
            {"4 equal": (2, 0), "2": (2, 2)},
            PowerCurve((120,), (1.0,), 2, 2),
            0,
        ),
        100,
    ),
}
"""`full` takes about an hour on two free cores, `short` about ten minutes; `tiny` is for tests."""


def simulate(
    size: SimulationSize, *, seed: int = 0, n_jobs: int | None = None
) -> Iterator[dict[str, Any]]:
    """Simulate all settings with the code of the benchmark.

    Parameters
    ----------
    size : SimulationSize
    seed : int
        Seed of the first run of each setting; it increases by one with each run.
    n_jobs : int, optional
        Number of processes, as in joblib.

    Yields
    ------
    dict
        A row of the summary, see `summarise`.
    """
    for planned in size.settings:
        yield summarise(planned, *_run(planned, size.n_resamples, seed, n_jobs))


def _run(
    planned: PlannedSetting, n_resamples: int, seed: int, n_jobs: int | None
) -> tuple[list[Any], list[Any]]:
    trials = Parallel(n_jobs=n_jobs)(
        delayed(run_trial)(planned.setting, number, n_resamples=n_resamples)
        for number in range(seed, seed + planned.n_runs)
    )
    truths = Parallel(n_jobs=n_jobs)(
        delayed(true_metrics)(planned.setting, number)
        for number in range(seed, seed + planned.n_truths)
    )
    return trials, truths


def main(arguments: Sequence[str] | None = None) -> int:
    """Simulate, print the tables, and optionally write them to files.

    Parameters
    ----------
    arguments : sequence of str, optional
        Default: the arguments of the command line.

    Returns
    -------
    int
        Exit code: 0 if all shares are within their bounds, otherwise 1; errors as in
        `run_measurement`.
    """
    parser = argparse.ArgumentParser(
        prog="catnocat.benchmarks.experiments.simulation.simulate",
        description="Simulate how often verdicts and intervals of the comparison are right.",
    )
    parser.add_argument("--size", choices=SIZES, default="full")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=-1, help="processes; -1: one per core")
    parser.add_argument("--out", type=Path, help="also write the numbers to this JSON file")
    parser.add_argument("--page", type=Path, help="also write the tables to this Markdown file")
    return run_measurement(parser, _measure, arguments)


def _measure(options: argparse.Namespace) -> int:
    started = time.perf_counter()
    size = SIZES[options.size]
    rows = []
    for row in simulate(size, seed=options.seed, n_jobs=options.jobs):
        rows.append(row)
        print(f"{len(rows)} of {len(size.settings)}: {row['setting']}", flush=True)
        if options.out is not None:  # so that an interrupted simulation leaves its results
            options.out.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    text, holds = render_page(rows, options.size, time.perf_counter() - started)
    print(f"\n{text}")
    if options.page is not None:
        options.page.write_text(text, encoding="utf-8")
    return 0 if holds else 1


if __name__ == "__main__":
    raise SystemExit(main())
