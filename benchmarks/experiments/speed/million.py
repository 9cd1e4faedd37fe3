"""Memory that the bookkeeping of a million image paths takes.

What is measured is the bookkeeping of paths, digests and rows: the files are no photographs, and
their vectors are short and lie in the store. The network and the few pictures that are being
decoded come on top of it; these do not grow with the number, see the end of `features`.
"""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ...utils import InputError
from ..command import run_measurement
from .fresh import measure_fresh

_STORED_WAYS = f"{__package__}.stored_ways"
_DIMENSION = 8


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the peak of memory with no digest known, and with all.

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
        prog="catnocat.benchmarks.experiments.speed.million", description=__doc__
    )
    parser.add_argument("--images", type=int, default=1_000_000)
    return run_measurement(parser, _measure, arguments)


def _measure(asked: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        question = {"folder": folder, "count": asked.images}
        environment = {"CATNOCAT_CACHE": str(Path(folder) / "cache")}
        read = {"way": "read", **question}
        runs = [
            ("making the store", {"way": "fill", "dimension": _DIMENSION, **question}),
            ("no digest known", read),
            ("all known", read),
        ]
        for label, way in runs:
            found = measure_fresh(_STORED_WAYS, way, environment)
            if "unavailable" in found:
                raise InputError(f"{label}: {found['unavailable']}")
            if "seconds" in found:
                print(
                    f"{found['images']:,} paths, {label}: peak {found['peak_mb']:.0f} MB,"
                    f" {found['added_mb']:.0f} MB of it since Python and its packages were loaded;"
                    f" {found['seconds']:.0f} s",
                    flush=True,
                )


if __name__ == "__main__":
    raise SystemExit(main())
