"""`catnocat detect`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from .data import DATASET
from .options import TABLE_OPTIONS, with_options


@with_options("format", "data", "limit", "seed", *TABLE_OPTIONS)
def detect(
    dataset: Annotated[str, typer.Argument(help=DATASET)],
    detector: Annotated[
        str, typer.Option(help="fasterrcnn, ssd, ssdlite or retinanet.")
    ] = "fasterrcnn",
    weights: Annotated[
        str | None,
        typer.Option(help="File, or name of torchvision weights to download.  [default: COCO]"),
    ] = None,
    names: Annotated[
        Path | None,
        typer.Option(
            help="File with the names of the categories, if the weights are not those of COCO."
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="Output file, JSON.")] = Path("detections.json"),
    *,
    options: dict[str, Any],
) -> None:
    """Run one of torchvision's object detectors.

    `catnocat bench --detections` compares its detections with the methods.
    """
    from ...features import progress_bar
    from ..data import load_dataset, sample_rows
    from ..evaluation.detectors import detect as run

    reading = {name: options.pop(name) for name in TABLE_OPTIONS}
    table = load_dataset(
        dataset, format=options["format"], data=options["data"], progress=True, **reading
    )
    if options["limit"] is not None:
        table = table.take(sample_rows(table, options["limit"], options["seed"]))
    with progress_bar(detector) as bar:
        metadata = run(table, detector, out, weights=weights, names=names, progress=bar)
    for image in metadata["skipped"][:10]:
        typer.echo(f"{image['where']}: {image['image']}: {image['reason']}")
    if len(metadata["skipped"]) > 10:
        typer.echo(
            f"and {len(metadata['skipped']) - 10} more; see {out.with_suffix('.about.json')}"
        )
    typer.echo(
        f"{metadata['detections']} detections in {metadata['images']} images,"
        f" {metadata['ms_per_image']:.0f} ms per image: {out}\n"
        f"Compare: catnocat bench {dataset} --detections {out}"
    )
