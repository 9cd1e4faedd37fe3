"""Cost of every classifier, and how it grows with labels, images and features.

Each is fitted as it comes on drawn features, in one thread, and again with four times the labels,
the images and the features. Seconds are those of the processor, so other work does not count.
"""

import argparse
import inspect
import time
import warnings
from collections.abc import Sequence
from typing import Any

from threadpoolctl import threadpool_limits

from .... import classifiers
from ..command import run_measurement
from .classifier_data import drawn_features

_BASE = {"images": 500, "features": 64, "labels": 10}
_TIMES = 4
_LEAST_SECONDS = 0.005  # of which a multiple is worth telling


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a row for each classifier.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the command line by default.

    Returns
    -------
    int
        As `run_measurement` says.
    """
    parser = argparse.ArgumentParser(
        prog="catnocat.benchmarks.experiments.speed.costs", description=__doc__
    )
    parser.add_argument("--only", nargs="+", choices=list(every_classifier()), metavar="CLASS")
    for name, number in _BASE.items():
        parser.add_argument(f"--{name}", type=int, default=number)
    return run_measurement(parser, _measure, arguments)


def every_classifier() -> dict[str, Any]:
    """Give each classifier of the library as it comes, but for a seed."""
    found: dict[str, Any] = {}
    for name in classifiers.__all__:
        one: Any = getattr(classifiers, name)
        if hasattr(one, "predict") and one is not classifiers.MultiLabelClassifier:
            seeded = "random_state" in inspect.signature(one).parameters
            found[name] = one(random_state=0) if seeded else one()
    return found


def _measure(asked: argparse.Namespace) -> None:
    base = {name: getattr(asked, name) for name in _BASE}
    grown = ("labels", "images", "features")
    sizes = [base, *({**base, name: _TIMES * base[name]} for name in grown)]
    sets = [drawn_features(size["images"], size["features"], size["labels"]) for size in sizes]
    print("{images:,} images x {features} features, {labels} labels; one thread\n".format(**base))
    print("| class | fit s | predict µs |", " | ".join(f"{name} x{_TIMES}" for name in grown), "|")
    print("|---|--:|--:|--:|--:|--:|")
    for name, model in every_classifier().items():
        if asked.only is None or name in asked.only:
            _seconds(model, *(part[:99] for part in sets[0]))  # imports what it needs
            found = [_seconds(model, X, Y) for X, Y in sets]
            fit, predict = found[0]
            growth = [_multiple(larger, fit) for larger, _ in found[1:]]
            print(f"| `{name}` | {fit:.2f} | {predict / len(sets[0][0]) * 1e6:.0f} |", end="")
            print("", " | ".join(growth), "|", flush=True)


def _seconds(model: Any, X: Any, Y: Any) -> tuple[float, float]:
    """Give what fitting and predicting take."""
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what has not converged: its time is told all the same
        started = time.process_time()
        model.fit(X, Y)
        fitted = time.process_time()
        model.predict(X)
        return fitted - started, time.process_time() - fitted


def _multiple(larger: float, smaller: float) -> str:
    return f"{larger / smaller:.1f}" if smaller >= _LEAST_SECONDS else "–"


if __name__ == "__main__":
    raise SystemExit(main())
