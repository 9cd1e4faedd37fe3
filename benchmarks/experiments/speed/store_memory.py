"""Memory for the paths, digests and rows of a million images.

The files are not photographs, and their short vectors are already in the store. The network and the
images being decoded need additional memory, which does not grow with the number of images (see
`features`).
"""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ...utils import InputError
from ..command import run_measurement, run_workload

_WORKLOADS = f"{__package__}.feature_workloads"
_DIMENSION = 8


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the peak memory without known digests, and with all digests known.

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
        prog="python -m catnocat.benchmarks.experiments.speed.store_memory", description=__doc__
    )
    parser.add_argument("--images", type=int, default=1_000_000)
    return run_measurement(parser, _measure, arguments)


def _measure(arguments: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        request = {"folder": folder, "count": arguments.images}
        environment = {"CATNOCAT_CACHE": str(Path(folder) / "cache")}
        read = {"workload": "read", **request}
        runs = [
            ("fill the store", {"workload": "fill", "dimension": _DIMENSION, **request}),
            ("no digest known", read),
            ("all known", read),
        ]
        for label, workload in runs:
            result = run_workload(_WORKLOADS, workload, environment)
            if "unavailable" in result:
                raise InputError(f"{label}: {result['unavailable']}")
            if "seconds" in result:
                print(
                    f"{result['images']:,} paths, {label}: peak {result['peak_mb']:.0f} MB,"
                    f" {result['added_mb']:.0f} MB of it after importing Python packages;"
                    f" {result['seconds']:.0f} s",
                    flush=True,
                )


if __name__ == "__main__":
    raise SystemExit(main())
