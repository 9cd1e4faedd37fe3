"""`catnocat data`."""

import json as json_format
from pathlib import Path
from typing import Annotated, Any

import typer

from .label_errors import report_label_errors
from .learning_curve import report_learning_curve
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
    label_errors: Annotated[
        bool,
        typer.Option(
            "--label-errors",
            help="List the labels that are probably wrong; --out may name a file such as"
            " suspects.csv.",
        ),
    ] = False,
    learning_curve: Annotated[
        bool,
        typer.Option("--learning-curve", help="Measure whether more images would help."),
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON and write no page.")] = False,
    *,
    options: dict[str, Any],
) -> None:
    """Inspect a data set before training.

    Prints a summary and the problems found, most important first, with the command that repairs
    each of them.
    """
    if label_errors or learning_curve:
        loading = {name: options[name] for name in ("format", "data", *TABLE_OPTIONS)}
        loading |= {"n_jobs": options["n_jobs"], "progress": True}
        features = {name: options[name] for name in ("store", "backbone", "weights", "views")}
        features |= {"n_jobs": None if options["n_jobs"] < 0 else options["n_jobs"]}
        features |= {"progress": True}
        if label_errors:
            report_label_errors(dataset, out, loading=loading, features=features)
        if learning_curve:
            report_learning_curve(
                dataset, folds=options["folds"], loading=loading, features=features
            )
        return
    from ..data.inspection import inspect_dataset, print_inspection, write_page

    inspection = inspect_dataset(dataset, quick=quick, progress=not json, **options)
    if json:
        typer.echo(json_format.dumps(inspection, ensure_ascii=False, allow_nan=False))
        return
    print_inspection(inspection)
    typer.echo(f"\nPage: {write_page(inspection, out)}")
