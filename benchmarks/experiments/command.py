"""Frame of the measuring commands: parse the arguments, measure, exit with a code."""

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ...features import FeatureError
from ..utils import InputError

__all__ = ["describe_machine", "log", "run_measurement"]


def run_measurement(
    parser: argparse.ArgumentParser,
    measure: Callable[[argparse.Namespace], int | None],
    arguments: Sequence[str] | None = None,
) -> int:
    """Run a measurement; report an input error as one line on stderr.

    Parameters
    ----------
    parser : argparse.ArgumentParser
    measure : callable
        Takes the parsed arguments and returns an exit code; None means 0.
    arguments : sequence of str, optional
        Default: the arguments of the command line.

    Returns
    -------
    int
        Exit code: that of `measure`, 2 for an input error, 130 for an interrupt.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> _ = parser.add_argument("word")
    >>> run_measurement(parser, lambda arguments: print(len(arguments.word)), ["five"])
    4
    0
    """
    namespace = parser.parse_args(arguments)
    try:
        return measure(namespace) or 0
    except (InputError, FeatureError, OSError) as error:
        return _exit_with(str(error), 2)
    except KeyboardInterrupt:
        return _exit_with("stopped", 130)


def log(line: str) -> None:
    """Print progress on stderr."""
    print(line, file=sys.stderr, flush=True)


def describe_machine(packages: Iterable[str]) -> dict[str, Any]:
    """Return processors, platform, load, and versions of Python and of `packages`."""
    versions: dict[str, str | None] = {}
    for package in packages:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = None
    return {
        "processors": os.cpu_count(),
        "platform": platform.platform(),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "python": platform.python_version(),
        "packages": versions,
    }


def _exit_with(message: str, code: int) -> int:
    print(f"catnocat: {message}", file=sys.stderr)
    return code
