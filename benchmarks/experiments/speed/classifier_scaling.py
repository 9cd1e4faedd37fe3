"""Time of each classifier, and how it grows with labels, images and features.

Each classifier is fitted with default parameters on random features, in one thread, and again with
four times as many labels, images and features. Times are processor seconds.
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
from .inputs import random_features

_BASE_SIZE = {"images": 500, "features": 64, "labels": 10}
_FACTOR = 4
_MIN_SECONDS = 0.005  # of a ratio's denominator


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a table with a row per classifier.

    Parameters
    ----------
    arguments : sequence of str, optional
        Default: the arguments of the command line.

    Returns
    -------
    int
        Exit code of `run_measurement`.
    """
    parser = argparse.ArgumentParser(
        prog="python -m catnocat.benchmarks.experiments.speed.classifier_scaling",
        description=__doc__,
    )
    parser.add_argument("--only", nargs="+", choices=list(make_classifiers()), metavar="CLASS")
    for name, number in _BASE_SIZE.items():
        parser.add_argument(f"--{name}", type=int, default=number)
    return run_measurement(parser, _measure, arguments)


def make_classifiers() -> dict[str, Any]:
    """Return every classifier with default parameters and a fixed seed."""
    instances: dict[str, Any] = {}
    for name in classifiers.__all__:
        cls: Any = getattr(classifiers, name)
        if hasattr(cls, "predict") and cls is not classifiers.MultiLabelClassifier:
            seeded = "random_state" in inspect.signature(cls).parameters
            instances[name] = cls(random_state=0) if seeded else cls()
    return instances


def _measure(arguments: argparse.Namespace) -> None:
    base = {name: getattr(arguments, name) for name in _BASE_SIZE}
    grown = ("labels", "images", "features")
    sizes = [base, *({**base, name: _FACTOR * base[name]} for name in grown)]
    sets = [random_features(size["images"], size["features"], size["labels"]) for size in sizes]
    print("{images:,} images x {features} features, {labels} labels; one thread\n".format(**base))
    print("| class | fit s | predict µs |", " | ".join(f"{name} x{_FACTOR}" for name in grown), "|")
    print("|---|--:|--:|--:|--:|--:|")
    for name, model in make_classifiers().items():
        if arguments.only is None or name in arguments.only:
            _measure_seconds(model, *(part[:99] for part in sets[0]))  # warm up lazy imports
            seconds = [_measure_seconds(model, X, Y) for X, Y in sets]
            fit, predict = seconds[0]
            growth = [_format_ratio(larger, fit) for larger, _ in seconds[1:]]
            print(f"| `{name}` | {fit:.2f} | {predict / len(sets[0][0]) * 1e6:.0f} |", end="")
            print("", " | ".join(growth), "|", flush=True)


def _measure_seconds(model: Any, X: Any, Y: Any) -> tuple[float, float]:
    """Return the processor seconds of fit and predict."""
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # no warnings of missing convergence
        started = time.process_time()
        model.fit(X, Y)
        fitted = time.process_time()
        model.predict(X)
        return fitted - started, time.process_time() - fitted


def _format_ratio(larger: float, smaller: float) -> str:
    return f"{larger / smaller:.1f}" if smaller >= _MIN_SECONDS else "–"


if __name__ == "__main__":
    raise SystemExit(main())
