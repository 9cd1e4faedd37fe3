"""What all commands that measure something do alike: ``python -m catnocat.benchmarks...``."""

import argparse
import sys
from collections.abc import Callable, Sequence

from ...features import FeatureError
from ..utils import InputError


def run_measurement(
    parser: argparse.ArgumentParser,
    measure: Callable[[argparse.Namespace], int | None],
    arguments: Sequence[str] | None = None,
) -> int:
    """Measure what was asked for; whatever the person got wrong is one line on stderr.

    Parameters
    ----------
    parser : argparse.ArgumentParser
    measure : callable
        Is given what the parser found; gives an exit code, None for 0.
    arguments : sequence of str, optional
        Those of the command line by default.

    Returns
    -------
    int
        That of `measure`; 2 for what the person got wrong, 130 where they stopped it.

    Examples
    --------
    >>> parser = argparse.ArgumentParser()
    >>> _ = parser.add_argument("word")
    >>> run_measurement(parser, lambda asked: print(len(asked.word)), ["five"])
    4
    0
    """
    asked = parser.parse_args(arguments)
    try:
        return measure(asked) or 0
    except (InputError, FeatureError, OSError) as error:
        return _end(str(error), 2)
    except KeyboardInterrupt:
        return _end("stopped", 130)


def _end(message: str, code: int) -> int:
    print(f"catnocat: {message}", file=sys.stderr)
    return code
