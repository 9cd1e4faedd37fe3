"""Frame of the measuring commands: arguments, exit codes, and measurements in other processes."""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
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


# ru_maxrss is in bytes on macOS and in kilobytes elsewhere.
_MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024


class Unavailable(Exception):  # noqa: N818
    """A workload cannot run on this machine; the message gives the reason."""


def run_workload(
    module: str, request: dict[str, Any], environment: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Run ``python -m module`` with a JSON request on standard input; return its JSON result.

    Parameters
    ----------
    module : str
        Module that calls `serve_workload`.
    request : dict
        JSON values; ``"workload"`` is the name of the function.
    environment : mapping of str to str, optional
        Additional environment variables.

    Returns
    -------
    dict
        The result, or ``{"unavailable": reason}``.
    """
    process = subprocess.run(
        [sys.executable, "-m", module],
        input=json.dumps(request),  # too long for a command line
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **(environment or {})},
    )
    lines = process.stdout.strip().splitlines()
    if process.returncode or not lines:
        reason = (process.stderr.strip().splitlines() or [f"exit code {process.returncode}"])[-1]
        return {"unavailable": reason[:200]}
    result: dict[str, Any] = json.loads(lines[-1])
    return result


def serve_workload(workloads: dict[str, Callable[..., dict[str, Any]]]) -> None:
    """Run the workload that is requested on standard input; print its result as JSON."""
    request = json.load(sys.stdin)
    try:
        result = workloads[request.pop("workload")](**request)
    except Unavailable as reason:
        result = {"unavailable": str(reason)}
    print(json.dumps({**result, "peak_mb": peak_mb()}))


def measure_time(work: Callable[[], Any]) -> dict[str, float]:
    """Call a function once; return its wall-clock and processor seconds."""
    start, cpu_start = time.perf_counter(), _processor_seconds()
    work()
    return {
        "seconds": time.perf_counter() - start,
        "cpu_seconds": _processor_seconds() - cpu_start,
    }


def peak_mb() -> float:
    """Return the peak memory of this process plus that of its largest child."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(resource.getrusage(kind).ru_maxrss for kind in kinds) * _MAXRSS_BYTES / 1e6


def _processor_seconds() -> float:
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(usage.ru_utime + usage.ru_stime for usage in map(resource.getrusage, kinds))
