"""`catnocat detect`."""

from pathlib import Path
from typing import Annotated

import typer

from .bench import DATASET


def detect(
    dataset: Annotated[str, typer.Argument(help=DATASET)],
    detector: Annotated[
        str, typer.Option(help="fasterrcnn, ssd, ssdlite or retinanet.")
    ] = "fasterrcnn",
    weights: Annotated[
        str | None,
        typer.Option(
            help="A file, or a name of torchvision's own, to be fetched.  [default: COCO]"
        ),
    ] = None,
    names: Annotated[
        Path | None,
        typer.Option(help="What the categories are called, where the weights are not COCO's."),
    ] = None,
    out: Annotated[Path, typer.Option(help="The file of detections.")] = Path("detections.json"),
    format: Annotated[
        str | None, typer.Option(help="Format of a path, where it cannot be told by itself.")
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="Where named data sets lie or are put.  [default: in the cache]"),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Use so many images at most, drawn as by bench.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of --limit.")] = 0,
) -> None:
    """Run a detector, to compare what it finds.

    It is one of torchvision's; `catnocat bench --detections` compares.
    """
    from ...features import progress_bar
    from ..data import load_dataset, sample_rows
    from ..evaluation.detectors import detect as run

    table = load_dataset(dataset, format=format, data=data, progress=True)
    if limit is not None:
        table = table.take(sample_rows(table, limit, seed))
    with progress_bar(detector) as bar:
        told = run(table, detector, out, weights=weights, names=names, progress=bar)
    for image in told["skipped"][:10]:
        typer.echo(f"{image['where']}: {image['image']}: {image['reason']}")
    if len(told["skipped"]) > 10:
        typer.echo(f"and {len(told['skipped']) - 10} more; see {out.with_suffix('.about.json')}")
    typer.echo(
        f"{told['detections']} detections in {told['images']} pictures,"
        f" {told['ms_per_image']:.0f} ms per picture: {out}\n"
        f"Compare: catnocat bench {dataset} --detections {out}"
    )
