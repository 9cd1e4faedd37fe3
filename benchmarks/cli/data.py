"""`catnocat data`."""

import json as json_format
from pathlib import Path
from typing import Annotated

import typer

from .extract import comma_separated

DATASET = (
    "menagerie, voc2007, voc2012, coco2014, coco2017, or the path of a label table or of a file or "
    "folder in a known format"
)


def data(
    dataset: Annotated[str, typer.Argument(help=DATASET)],
    out: Annotated[Path, typer.Option(help="Folder of data.html and data.json.")] = Path(
        "catnocat-data"
    ),
    format: Annotated[
        str | None, typer.Option(help="The data set's format, where it is not clear by itself.")
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="Where named data sets lie or are put.  [default: in the cache]"),
    ] = None,
    store: Annotated[
        Path | None, typer.Option(help="Folder of the feature store.  [default: in the cache]")
    ] = None,
    backbone: Annotated[
        str, typer.Option(help="efficientnet_lite0, torchvision:NAME or timm:NAME.")
    ] = "efficientnet_lite0",
    weights: Annotated[
        Path | None, typer.Option(help="The backbone's weights, .pth or .safetensors.")
    ] = None,
    views: Annotated[
        str, typer.Option(help="What is shown: comma-separated CROP[@SIZE][:POOLING].")
    ] = "whole",
    folds: Annotated[
        int | None,
        typer.Option(min=2, help="Tell which labels are too rare for this many folds."),
    ] = None,
    near: Annotated[
        float, typer.Option(min=0, max=1, help="Cosine of features that counts as nearly the same.")
    ] = 0.9,
    quick: Annotated[
        bool, typer.Option("--quick", help="Read the labels only, and no picture.")
    ] = False,
    jobs: Annotated[int, typer.Option(help="Parallel processes; -1 for all cores.")] = -1,
    json: Annotated[bool, typer.Option("--json", help="Print JSON, and write no page.")] = False,
) -> None:
    """Look after a data set: what it holds, which labels are rare, which pictures are twice."""
    from ..inspection import inspect_dataset, print_inspection, write_page

    told = inspect_dataset(
        dataset,
        format=format,
        data=data,
        store=store,
        backbone=backbone,
        weights=weights,
        views=comma_separated(views),
        folds=folds,
        near=near,
        quick=quick,
        n_jobs=jobs,
        progress=not json,
    )
    if json:
        typer.echo(json_format.dumps(told, ensure_ascii=False, allow_nan=False))
        return
    print_inspection(told)
    typer.echo(f"\nPage: {write_page(told, out)}")
