"""Time of the bootstrap comparison of methods, on random scores."""

import argparse
import os
import time
from collections.abc import Sequence

import numpy as np

from ...metrics import Scorecard
from ...significance import compare_with_references
from ..command import run_measurement


def main(arguments: Sequence[str] | None = None) -> int:
    """Time the comparison of methods with random scores and print one line.

    Parameters
    ----------
    arguments : sequence of str, optional
        Default: the arguments of the command line.

    Returns
    -------
    int
        Exit code of `run_measurement`.

    Examples
    --------
    >>> main(["--images", "50", "--labels", "3", "--methods", "2", "--resamples", "20"])
    20 resamples of 50 images x 3 labels x 2 methods: ... s in ... processes
    0
    """
    parser = argparse.ArgumentParser(
        prog="python -m catnocat.benchmarks.experiments.speed.bootstrap", description=__doc__
    )
    for name, default in (("images", 5000), ("labels", 20), ("methods", 10), ("resamples", 2000)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    return run_measurement(parser, _measure, arguments)


def _measure(options: argparse.Namespace) -> None:
    rng = np.random.default_rng(0)
    shape = (options.images, options.labels)
    Y = rng.random(shape) < np.geomspace(0.01, 0.4, options.labels)
    names = [f"method {number}" for number in range(options.methods)]
    cards = {}
    for name in names:
        scores = Y + rng.normal(size=shape)
        cards[name] = Scorecard(Y, scores, scores > 0.5)
    started = time.perf_counter()
    compare_with_references(
        cards, dict.fromkeys(names, names[0]), n_resamples=options.resamples, n_jobs=options.jobs
    )
    print(
        f"{options.resamples} resamples of {options.images} images x {options.labels} labels"
        f" x {options.methods} methods: {time.perf_counter() - started:.1f} s"
        f" in {options.jobs} processes"
    )


if __name__ == "__main__":
    raise SystemExit(main())
