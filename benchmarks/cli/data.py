"""`catnocat data`."""

import json as json_format
from pathlib import Path
from typing import Annotated, Any

import typer

from .label_errors import report_label_errors
from .learning_curve import report_learning_curve
from .options import (
    Backbone,
    Data,
    Format,
    Jobs,
    Store,
    Views,
    Weights,
    comma_separated,
    reads_tables,
)

DATASET = (
    "menagerie, voc2007, voc2012, coco2014, coco2017, or the path of a label table or of a file or "
    "folder in a known format"
)


@reads_tables
def data(
    dataset: Annotated[str, typer.Argument(help=DATASET)],
    out: Annotated[Path, typer.Option(help="Folder of data.html and data.json.")] = Path(
        "catnocat-data"
    ),
    format: Format = None,
    data: Data = None,
    store: Store = None,
    backbone: Backbone = "efficientnet_lite0",
    weights: Weights = None,
    views: Views = "whole",
    folds: Annotated[
        int | None,
        typer.Option(min=2, help="Tell which labels are too rare for this many folds."),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Read the labels only, and no picture.")
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
    jobs: Jobs = -1,
    json: Annotated[bool, typer.Option("--json", help="Print JSON, and write no page.")] = False,
    *,
    reading: dict[str, Any],
) -> None:
    """Inspect a data set before anything is learned from it.

    What it holds, what is wrong with it, most important first, and the command that repairs it.
    """
    if label_errors or learning_curve:
        loading = {"format": format, "data": data, "n_jobs": jobs, "progress": True, **reading}
        features = {
            "store": store,
            "backbone": backbone,
            "weights": weights,
            "views": comma_separated(views),
            "n_jobs": None if jobs < 0 else jobs,
            "progress": True,
        }
        if label_errors:
            report_label_errors(dataset, out, loading=loading, features=features)
        if learning_curve:
            report_learning_curve(dataset, folds=folds, loading=loading, features=features)
        return
    from ..data.inspection import inspect_dataset, print_inspection, write_page

    told = inspect_dataset(
        dataset,
        format=format,
        data=data,
        store=store,
        backbone=backbone,
        weights=weights,
        views=comma_separated(views),
        folds=folds,
        quick=quick,
        n_jobs=jobs,
        progress=not json,
        **reading,
    )
    if json:
        typer.echo(json_format.dumps(told, ensure_ascii=False, allow_nan=False))
        return
    print_inspection(told)
    typer.echo(f"\nPage: {write_page(told, out)}")
