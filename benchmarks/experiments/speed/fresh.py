"""Measurements in a process of their own, so that none of them warms up or slows down the next."""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

# Bytes on a Mac, thousands of bytes elsewhere.
_UNIT = 1 if sys.platform == "darwin" else 1024


class Unavailable(Exception):  # noqa: N818  it is what the way is
    """A way cannot be measured here; the message says why."""


def measure_fresh(
    module: str, question: dict[str, Any], environment: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Run ``python -m module`` with a question on its standard input, and give its answer.

    Parameters
    ----------
    module : str
        Calls `answer` when run.
    question : dict
        Plain JSON.
    environment : mapping of str to str, optional
        Variables beyond those there are.

    Returns
    -------
    dict
        What the module answered, or ``{"unavailable": reason}``.
    """
    ran = subprocess.run(
        [sys.executable, "-m", module],
        input=json.dumps(question),  # too long for a command line
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **(environment or {})},
    )
    lines = ran.stdout.strip().splitlines()
    if ran.returncode or not lines:
        reason = (ran.stderr.strip().splitlines() or [f"exit code {ran.returncode}"])[-1]
        return {"unavailable": reason[:200]}
    found: dict[str, Any] = json.loads(lines[-1])
    return found


def answer(ways: dict[str, Callable[..., dict[str, Any]]]) -> None:
    """Answer the question on standard input with one of the ways, and print it as JSON."""
    question = json.load(sys.stdin)
    try:
        found = ways[question.pop("way")](**question)
    except Unavailable as reason:
        found = {"unavailable": str(reason)}
    print(json.dumps({**found, "peak_mb": peak_mb()}))


def timed(work: Callable[[], Any]) -> dict[str, float]:
    """Do something once and give its seconds of the clock and of all processors together."""
    clock, processors = time.perf_counter(), _processor_seconds()
    work()
    return {
        "seconds": time.perf_counter() - clock,
        "cpu_seconds": _processor_seconds() - processors,
    }


def peak_mb() -> float:
    """Give the most memory that this process and its largest child have had."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(resource.getrusage(kind).ru_maxrss for kind in kinds) * _UNIT / 1e6


def _processor_seconds() -> float:
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(one.ru_utime + one.ru_stime for one in map(resource.getrusage, kinds))
