"""`catnocat bench`."""

from pathlib import Path
from typing import Annotated, Any

import typer

DATASET = (
    "menagerie (drawn scenes, the default), voc2007, voc2012, coco2014, coco2017, or the path of a"
    " label table or of a folder in a known layout; several are compared on one page."
)


def bench(
    datasets: Annotated[
        list[str] | None,
        typer.Argument(metavar="[DATASET]...", help=DATASET, show_default=False),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder of results.json and the reports.")] = Path(
        "catnocat-report"
    ),
    format: Annotated[
        str | None, typer.Option(help="Format of a path, where it cannot be told by itself.")
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
        str,
        typer.Option(
            help="What is shown: comma-separated CROP[@SIZE][:POOLING]. whole@320:avg+max is better"
            " and twice the work; docs/recipes.md tells which to take when."
        ),
    ] = "whole",
    methods: Annotated[
        str, typer.Option(help="Comma-separated names, or 'all'.  [default: the main four]")
    ] = "",
    folds: Annotated[
        int | None,
        typer.Option(min=2, help="Cross-validate in this many folds instead of the table's split."),
    ] = None,
    repeats: Annotated[
        int, typer.Option(min=1, help="Cross-validate so many times, in other folds each.")
    ] = 1,
    limit: Annotated[
        int | None, typer.Option(min=10, help="Use so many images at most, drawn stratified.")
    ] = None,
    min_positives: Annotated[
        int, typer.Option(min=0, help="Leave out labels with fewer positive images.")
    ] = 0,
    drop_duplicates_across_splits: Annotated[
        bool,
        typer.Option(
            "--drop-duplicates-across-splits",
            help="Leave out training images that are judged too, the same or nearly.",
        ),
    ] = False,
    protocol: Annotated[
        str, typer.Option(help="catnocat, or vissl: also as publications on VOC 2007 do.")
    ] = "catnocat",
    detections: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[NAME=]FILE", help="What a detector found, as COCO results; may be repeated."
        ),
    ] = None,
    detection_names: Annotated[
        Path | None,
        typer.Option(help="What detectors' categories are called: JSON or YAML.", metavar="FILE"),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of all that is drawn by chance.")] = 0,
    jobs: Annotated[int, typer.Option(help="Parallel processes; -1 for all cores.")] = -1,
    scheduler: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler whose workers do the work.")
    ] = None,
) -> None:
    """Compare multi-label classifiers on frozen features of a data set's pictures."""
    options: dict[str, Any] = {
        "out": out,
        "store": store,
        "backbone": backbone,
        "weights": weights,
        "views": tuple(view.strip() for view in views.split(",") if view.strip()),
        "methods": tuple(name.strip() for name in methods.split(",") if name.strip()),
        "folds": folds,
        "repeats": repeats,
        "limit": limit,
        "format": format,
        "data": data,
        "min_positives": min_positives,
        "drop_duplicates_across_splits": drop_duplicates_across_splits,
        "protocol": protocol,
        "detections": detections or (),
        "detection_names": detection_names,
        "seed": seed,
        "n_jobs": jobs,
        "scheduler": scheduler,
        "progress": True,
    }
    if datasets and len(datasets) > 1:
        from ..report import print_joint_results
        from ..several import bench_several

        print_joint_results(bench_several(datasets, **options))
    else:
        from ..benchmark import bench as run
        from ..report import print_results

        print_results(run(*(datasets or []), **options))
    typer.echo(f"\nReport: {out / 'report.html'}")
