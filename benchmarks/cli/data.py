"""`catnocat data`."""

import json as json_format
from pathlib import Path
from typing import Annotated, Any

import typer

from .options import TABLE_OPTIONS, with_options

DATASET = (
    "menagerie, voc2007, voc2012, coco2014, coco2017, or the path of a label table, or of a file or"
    " folder in a known format."
)


@with_options(
    *("format", "data", "store", "backbone", "weights", "views", "folds", "n_jobs"), *TABLE_OPTIONS
)
def data(
    dataset: Annotated[str, typer.Argument(help=DATASET)],
    out: Annotated[Path, typer.Option(help="Folder of data.html and data.json.")] = Path(
        "catnocat-data"
    ),
    quick: Annotated[
        bool, typer.Option("--quick", help="Read only the labels, not the images.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON and write no page.")] = False,
    *,
    options: dict[str, Any],
) -> None:
    """Inspect a data set before training.

    Prints a summary and the problems found, most important first, with the command that repairs
    each of them.
    """
    from ..data.inspection import inspect_dataset, print_inspection, write_page

    inspection = inspect_dataset(dataset, quick=quick, progress=not json, **options)
    if json:
        typer.echo(json_format.dumps(inspection, ensure_ascii=False, allow_nan=False))
        return
    print_inspection(inspection)
    typer.echo(f"\nPage: {write_page(inspection, out)}")
