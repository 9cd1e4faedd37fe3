"""What the terminal shows, as a picture for a page: `python -m ...report.terminal_picture`."""

import io
import json
import re
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from ..report import print_results

_WIDTH = 100
# Only letters that every machine has: a picture on a page fetches none.
_FETCHED = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def terminal_picture(results: dict[str, Any], title: str) -> str:
    """Give the terminal's table and answer as SVG.

    Parameters
    ----------
    results : dict
        The content of `results.json`.
    title : str
        Of the window.
    """
    console = Console(
        record=True, width=_WIDTH, file=io.StringIO(), force_terminal=True, legacy_windows=False
    )
    print_results(results, console)
    svg = console.export_svg(title=title, unique_id="terminal")
    return _FETCHED.sub("", svg).replace("Fira Code, monospace", "monospace")


def main(
    results: Annotated[Path, typer.Argument(help="A results.json of 'catnocat bench'.")],
    out: Annotated[Path, typer.Argument(help="The SVG to write.")],
    title: Annotated[str, typer.Option(help="Of the window.")] = "make bench",
) -> None:
    """Draw what 'catnocat bench' printed."""
    told = json.loads(results.read_text("utf-8"))
    out.write_text(terminal_picture(told, title), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
