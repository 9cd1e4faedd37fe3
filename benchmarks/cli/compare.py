"""`catnocat compare`."""

import json as json_format
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from ..utils import InputError
from .options import comma_separated


def compare(
    run_a: Annotated[Path, typer.Argument(help="Output folder of a run of 'catnocat bench'.")],
    run_b: Annotated[Path, typer.Argument(help="Output folder of another run on the same images.")],
    methods: Annotated[
        str,
        typer.Option(
            help="A method of A and one of B, as in logistic,powerset.  [default: all in both]"
        ),
    ] = "",
    out: Annotated[Path, typer.Option(help="The page.")] = Path("comparison.html"),
    json: Annotated[bool, typer.Option("--json", help="Print JSON, and write no page.")] = False,
) -> None:
    """Compare two runs image by image: another backbone, other views, corrected labels.

    Prints the differences with their intervals, and writes a page with the labels and images whose
    predictions were fixed or broken.
    """
    from ..analysis.run_comparison import compare_runs
    from ..evaluation import read_predictions
    from ..report.run_comparison import describe_run, render_page, render_text
    from ..utils import write_text

    pair = comma_separated(methods)
    if pair and len(pair) > 2:
        raise InputError(f"--methods {methods}: name one method of A and one of B")
    comparison = compare_runs(
        read_predictions(run_a),
        read_predictions(run_b),
        methods=(pair[0], pair[-1]) if pair else None,
    )
    if json:
        typer.echo(json_format.dumps(asdict(comparison), ensure_ascii=False, allow_nan=False))
        return
    a, b = (describe_run(str(run), _read_results(run)) for run in (run_a, run_b))
    typer.echo(render_text(comparison, a, b))
    try:
        write_text(out, render_page(comparison, a, b))
    except OSError as error:
        raise InputError(f"--out {out}: cannot be written ({error.strerror})") from None
    typer.echo(f"\nPage: {out}")


def _read_results(run: Path) -> dict[str, Any]:
    """Return the content of a run's results.json; empty if it cannot be read."""
    try:
        results = json_format.loads((run / "results.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return results if isinstance(results, dict) else {}
