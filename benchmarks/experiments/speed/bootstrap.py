"""How long the bootstrap takes: ``python -m catnocat.benchmarks.experiments.speed.bootstrap``."""

import argparse
import os
import time
from collections.abc import Sequence

import numpy as np

from ...metrics import Scorecard
from ...significance import compare_with_references


def main(arguments: Sequence[str] | None = None) -> None:
    """Time the comparison of made-up methods and print one line.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the command line by default.

    Examples
    --------
    >>> main(["--images", "50", "--labels", "3", "--methods", "2", "--resamples", "20"])
    20 resamples of 50 images x 3 labels x 2 methods: ... s in ... processes
    """
    parser = argparse.ArgumentParser(
        prog="catnocat.benchmarks.experiments.speed.bootstrap", description=__doc__
    )
    for name, default in (("images", 5000), ("labels", 20), ("methods", 10), ("resamples", 2000)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    asked = parser.parse_args(arguments)

    rng = np.random.default_rng(0)
    shape = (asked.images, asked.labels)
    Y = rng.random(shape) < np.geomspace(0.01, 0.4, asked.labels)
    names = [f"method {number}" for number in range(asked.methods)]
    cards = {}
    for name in names:
        scores = Y + rng.normal(size=shape)
        cards[name] = Scorecard(Y, scores, scores > 0.5)
    started = time.perf_counter()
    compare_with_references(
        cards, dict.fromkeys(names, names[0]), n_resamples=asked.resamples, n_jobs=asked.jobs
    )
    print(
        f"{asked.resamples} resamples of {asked.images} images x {asked.labels} labels"
        f" x {asked.methods} methods: {time.perf_counter() - started:.1f} s"
        f" in {asked.jobs} processes"
    )


if __name__ == "__main__":
    main()
