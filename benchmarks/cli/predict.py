"""`catnocat predict`."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..utils import InputError
from .options import reads_tables

if TYPE_CHECKING:
    from ..inference import Threshold

IMAGES = (
    "Images, folders, patterns, or tables with a column 'image'; or - for one path per line on"
    " standard input."
)
THRESHOLD = (
    "Threshold of the probabilities: f1 or hamming, selected per label for this metric; set, the"
    " label set that the method predicts; or a number."
)


class Format(StrEnum):
    """File format of predictions."""

    jsonl = "jsonl"
    csv = "csv"
    parquet = "parquet"


@reads_tables
def predict(
    model: Annotated[Path, typer.Argument(help="A model file written by 'catnocat fit'.")],
    images: Annotated[list[str], typer.Argument(help=IMAGES)],
    out: Annotated[
        Path | None, typer.Option(help="File to write.  [default: standard output]")
    ] = None,
    format: Annotated[Format, typer.Option(help="File format.")] = Format.jsonl,
    top: Annotated[
        int | None,
        typer.Option(min=0, help="Write only this many probabilities, the highest first."),
    ] = None,
    threshold: Annotated[str, typer.Option(help=THRESHOLD)] = "f1",
    store: Annotated[
        Path | None, typer.Option(help="Folder of the feature store.  [default: in the cache]")
    ] = None,
    no_store: Annotated[
        bool, typer.Option("--no-store", help="Neither use nor fill the feature store.")
    ] = False,
    weights: Annotated[
        Path | None, typer.Option(help="File of the backbone's weights, if the model needs one.")
    ] = None,
    jobs: Annotated[int, typer.Option(min=-1, help="Threads; -1 for all cores.")] = -1,
    *,
    reading: dict[str, Any],
) -> int:
    """Predict the labels of images, in the order given.

    An image that cannot be read gets a line with the reason.
    Features are kept in the store, so a repeated run continues where an interrupted one stopped.
    The exit code is 1 if no image could be read.
    """
    from ...features import progress_bar
    from ..data.tables import TableOptions
    from ..inference import load
    from ..inference.predict import (
        WRITERS,
        find_images,
        open_output,
        predict_stream,
        relative_names,
    )

    rule, n_threads = _parse_threshold(threshold), _parse_jobs(jobs)
    if format is Format.parquet and out is None:
        raise InputError("--format parquet: a binary format needs a file; pass --out FILE.parquet")
    options = TableOptions(**reading)
    depth = options.bit_depth
    source = find_images(images, options=options)
    for warning in source.warnings:
        typer.echo(f"catnocat: {warning}", err=True)
    # A label table in a file must name its images relative to its folder.
    names = source.names if out is None else relative_names(out.parent, source.names)
    read = failed = 0
    with (
        load(
            model, store=store, use_store=not no_store, weights=weights, n_jobs=n_threads
        ) as loaded,
        open_output(out) as file,
        progress_bar("images") as bar,
    ):
        if depth is not None and depth != loaded.recipe.bit_depth:
            raise InputError(
                f"--bit-depth {depth}: {model} was fitted with"
                f" {loaded.recipe.bit_depth or 'the bit depth of each file'}; omit the option, or"
                " fit the model again"
            )
        for warning in loaded.warnings:
            typer.echo(f"catnocat: {model}: {warning}", err=True)
        writer = WRITERS[format.value](file, loaded.labels, top)
        for batch in predict_stream(
            loaded,
            names,
            threshold=rule,
            total=source.count,
            wait=source.count is not None,
            progress=bar,
        ):
            writer.write(batch)
            failed += sum(error is not None for error in batch.errors)
            read += len(batch.images)
        writer.close()
        if not read:
            raise InputError("there were no images to predict")
    return 1 if failed == read else 0


def _parse_threshold(text: str) -> "Threshold":
    from ..inference import THRESHOLD_RULES

    if text in THRESHOLD_RULES:
        return text
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        choices = ", ".join(THRESHOLD_RULES)
        raise InputError(f"--threshold {text}: it must be {choices}, or a number from 0 to 1")
    return value


def _parse_jobs(jobs: int) -> int | None:
    if jobs == 0:
        raise InputError("--jobs 0: must be 1 or more, or -1 for all cores.")
    return jobs if jobs > 0 else None
