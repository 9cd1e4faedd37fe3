"""`catnocat bench`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ..utils import InputError
from .options import (
    Backbone,
    Data,
    Engine,
    EngineName,
    Format,
    Jobs,
    MinPositives,
    Precision,
    PrecisionName,
    Quality,
    Scheduler,
    Seed,
    Store,
    Views,
    Weights,
    comma_separated,
    reads_tables,
    resolve_quality,
)

DATASET = (
    "menagerie (drawn scenes, the default), voc2007, voc2012, coco2014, coco2017, or the path of a"
    " label table or of a folder in a known layout; several are compared on one page."
)


@reads_tables
def bench(
    datasets: Annotated[
        list[str] | None,
        typer.Argument(metavar="[DATASET]...", help=DATASET, show_default=False),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder of results.json and the reports.")] = Path(
        "catnocat-report"
    ),
    format: Format = None,
    data: Data = None,
    store: Store = None,
    backbone: Backbone = "efficientnet_lite0",
    weights: Weights = None,
    views: Views = "whole",
    quality: Quality = None,
    engine: Engine = EngineName.auto,
    precision: Precision = PrecisionName.float32,
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
    min_positives: MinPositives = 0,
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
    crowding: Annotated[
        str,
        typer.Option(
            help="usual, or full: also what helps in crowded pictures, by further features."
        ),
    ] = "usual",
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
    zero_shot: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[:WEIGHTS]",
            help="A model of OpenCLIP that needs no training, such as CLIP or SigLIP; may be"
            " repeated.",
        ),
    ] = None,
    prompts: Annotated[
        str,
        typer.Option(help="Texts for --zero-shot: plain, contrast, or a JSON or YAML file."),
    ] = "plain",
    seed: Seed = 0,
    jobs: Jobs = -1,
    scheduler: Scheduler = None,
    verbose: Annotated[
        bool,
        typer.Option(
            "--verbose", "-v", help="Print everything: background, crowding, dependence, costs."
        ),
    ] = False,
    *,
    reading: dict[str, Any],
) -> None:
    """Compare multi-label methods with cat/no-cat (one yes/no model per label).

    Classifiers are fitted on frozen features of a data set's images. The verdict comes first: which
    kind of method is better for which purpose, by how much, and whether that is significant.
    """
    backbone, views = resolve_quality(quality, backbone, views)
    backbones = comma_separated(backbone)
    alternatives = [part.strip() for part in views.split("|")]
    options: dict[str, Any] = {
        "out": out,
        "progress": True,
        "backbone": backbone,
        "weights": weights,
        "views": comma_separated(views),
        "engine": engine.value,
        "precision": precision.value,
        "methods": comma_separated(methods),
        "folds": folds,
        "repeats": repeats,
        "limit": limit,
        "format": format,
        "data": data,
        "store": store,
        "min_positives": min_positives,
        "drop_duplicates_across_splits": drop_duplicates_across_splits,
        "protocol": protocol,
        "crowding": crowding,
        "detections": tuple(detections or ()),
        "detection_names": detection_names,
        "zero_shot": tuple(zero_shot or ()),
        "prompts": prompts,
        "seed": seed,
        "n_jobs": jobs,
        "scheduler": scheduler,
    } | reading
    results: dict[str, Any]
    if len(backbones) > 1 or len(alternatives) > 1:
        from ..report import print_backbone_results
        from ..several_backbones import bench_backbones

        if datasets and len(datasets) > 1:
            raise InputError(
                "several data sets with several backbones: compare the backbones on one data set"
                " at a time."
            )
        options |= {"backbones": backbones, "views": alternatives}
        del options["backbone"]
        results = bench_backbones(*(datasets or []), **options)
        print_backbone_results(results)
    elif datasets and len(datasets) > 1:
        from ..report import print_joint_results
        from ..several import bench_several

        results = bench_several(datasets, **options)
        print_joint_results(results)
    else:
        from ..benchmark import bench as run
        from ..report import print_results

        results = run(*(datasets or []), **options)
        print_results(results, verbose=verbose)
    typer.echo(f"Report: {out / 'report.html'}")
    comparisons = results.get("datasets") or results.get("backbones") or [results]
    entries = [entry for one in comparisons for entry in one["methods"]]
    if all("failed" in entry for entry in entries if entry["kind"] != "baseline"):
        raise typer.Exit(1)  # nothing was fitted
