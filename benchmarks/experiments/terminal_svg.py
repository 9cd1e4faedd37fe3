"""Draw the terminal output of a comparison as an SVG image, for the README (`make picture`)."""

import argparse
import io
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from ..report import print_results
from ..utils import InputError
from .command import run_measurement

_WIDTH = 100
# Web fonts are removed, so that the image downloads nothing.
_FONT_FACE = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def terminal_svg(results: dict[str, Any], title: str) -> str:
    """Return the table and the answer of the terminal as SVG.

    Parameters
    ----------
    results : dict
        Content of `results.json`.
    title : str
        Title of the window.
    """
    console = Console(
        record=True, width=_WIDTH, file=io.StringIO(), force_terminal=True, legacy_windows=False
    )
    print_results(results, console)
    svg = console.export_svg(title=title, unique_id="terminal")
    return _FONT_FACE.sub("", svg).replace("Fira Code, monospace", "monospace")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the SVG image; return the exit code of `run_measurement`."""
    parser = argparse.ArgumentParser(
        prog="python -m catnocat.benchmarks.experiments.terminal_svg", description=__doc__
    )
    parser.add_argument("results", type=Path, help="a results.json of catnocat bench")
    parser.add_argument("out", type=Path, help="the SVG file to write")
    parser.add_argument("--title", default="make bench", help="title of the window [%(default)s]")
    return run_measurement(parser, _write, arguments)


def _write(arguments: argparse.Namespace) -> None:
    try:
        results = json.loads(arguments.results.read_text("utf-8"))
    except ValueError as error:
        raise InputError(f"{arguments.results}: not a results.json ({error})") from None
    arguments.out.write_text(terminal_svg(results, arguments.title), encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
