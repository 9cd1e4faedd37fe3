"""Error rates, coverage and power of the comparison, by simulation (`make simulate`)."""

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from joblib import Parallel, delayed

from ..command import run_measurement
from .cells import FORMS, Form, Planned
from .summary import summarise
from .text import page
from .trial import run_trial, true_figures


def simulate(form: Form, *, seed: int = 0, n_jobs: int | None = None) -> Iterator[dict[str, Any]]:
    """Simulate every cell of a form through the benchmark's own code.

    Parameters
    ----------
    form : Form
    seed : int
        Of the first run of each cell; the next one has the next.
    n_jobs : int, optional
        Processes, as joblib counts them.

    Yields
    ------
    dict
        A row of the summary, see `summarise`.
    """
    for planned in form.cells:
        yield summarise(planned, *_run(planned, form.n_resamples, seed, n_jobs))


def _run(
    planned: Planned, n_resamples: int, seed: int, n_jobs: int | None
) -> tuple[list[Any], list[Any]]:
    trials = Parallel(n_jobs=n_jobs)(
        delayed(run_trial)(planned.cell, number, n_resamples=n_resamples)
        for number in range(seed, seed + planned.runs)
    )
    truths = Parallel(n_jobs=n_jobs)(
        delayed(true_figures)(planned.cell, number) for number in range(seed, seed + planned.truths)
    )
    return trials, truths


def main(arguments: Sequence[str] | None = None) -> int:
    """Simulate, print the tables, and write them to files if asked to.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the command line by default.

    Returns
    -------
    int
        0 where everything is within its bounds, else 1; for the rest as `run_measurement` says.
    """
    parser = argparse.ArgumentParser(
        prog="catnocat.benchmarks.experiments.simulation.simulate",
        description="How often verdicts and intervals of the comparison are right, by simulation.",
    )
    parser.add_argument("--form", choices=FORMS, default="full")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=-1, help="processes; -1: one per core")
    parser.add_argument("--out", type=Path, help="write the figures to this JSON file as well")
    parser.add_argument("--page", type=Path, help="write the tables to this Markdown file as well")
    return run_measurement(parser, _measure, arguments)


def _measure(config: argparse.Namespace) -> int:
    started = time.perf_counter()
    form = FORMS[config.form]
    rows = []
    for row in simulate(form, seed=config.seed, n_jobs=config.jobs):
        rows.append(row)
        print(f"{len(rows)} of {len(form.cells)}: {row['cell']}", flush=True)
        if config.out is not None:  # a stopped simulation leaves what it has
            config.out.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    text, holds = page(rows, config.form, time.perf_counter() - started)
    print(f"\n{text}")
    if config.page is not None:
        config.page.write_text(text, encoding="utf-8")
    return 0 if holds else 1


if __name__ == "__main__":
    raise SystemExit(main())
