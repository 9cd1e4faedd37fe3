"""`catnocat predict`."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..utils import InputError
from .options import reads_tables

if TYPE_CHECKING:
    from ..inference import Threshold

PICTURES = (
    "Pictures, folders, patterns, or tables with a column 'image'; or - for a path per line on"
    " standard input."
)
THRESHOLD = (
    "Which probability is a yes: f1 or hamming, chosen for each label by what it should be best at;"
    " set, the label set that the method finds; or a number."
)


class Format(StrEnum):
    """How predictions are written."""

    jsonl = "jsonl"
    csv = "csv"
    parquet = "parquet"


@reads_tables
def predict(
    model: Annotated[Path, typer.Argument(help="A file that 'catnocat fit' wrote.")],
    pictures: Annotated[list[str], typer.Argument(help=PICTURES)],
    out: Annotated[
        Path | None, typer.Option(help="File to write.  [default: standard output]")
    ] = None,
    format: Annotated[Format, typer.Option(help="How to write.")] = Format.jsonl,
    top: Annotated[
        int | None, typer.Option(min=0, help="Tell only so many probabilities, the highest first.")
    ] = None,
    threshold: Annotated[str, typer.Option(help=THRESHOLD)] = "f1",
    store: Annotated[
        Path | None, typer.Option(help="Folder of the feature store.  [default: in the cache]")
    ] = None,
    no_store: Annotated[
        bool, typer.Option("--no-store", help="Neither use nor fill the feature store.")
    ] = False,
    weights: Annotated[
        Path | None, typer.Option(help="The backbone's weights, if the model needs a file.")
    ] = None,
    jobs: Annotated[int, typer.Option(min=-1, help="Threads; -1 for all cores.")] = -1,
    *,
    reading: dict[str, Any],
) -> int:
    """Label pictures by a model, in the order given.

    What could not be read gets a line that says why.
    Features are kept in the store: an interrupted run goes on where it stopped when it is repeated.
    The exit code is 1 if no picture at all could be read.
    """
    from ...features import progress_bar
    from ..data.tables import TableOptions
    from ..inference import load
    from ..inference.predict import (
        WRITERS,
        named_from,
        opened_output,
        pictures_meant,
        predict_stream,
    )

    rule, threads = _threshold(threshold), _threads(jobs)
    if format is Format.parquet and out is None:
        raise InputError("--format parquet: it is no text; give --out FILE.parquet")
    meant = pictures_meant(pictures, options=TableOptions(**reading))
    for remark in meant.remarks:
        typer.echo(f"catnocat: {remark}", err=True)
    # A table that is written to a file is to find its images from there.
    names = meant.names if out is None else named_from(out.parent, meant.names)
    read = failed = 0
    with (
        load(model, store=store, keep=not no_store, weights=weights, n_jobs=threads) as using,
        opened_output(out) as file,
        progress_bar("pictures") as bar,
    ):
        for remark in using.remarks:
            typer.echo(f"catnocat: {model}: {remark}", err=True)
        writer = WRITERS[format.value](file, using.labels, top)
        for some in predict_stream(
            using,
            names,
            threshold=rule,
            total=meant.count,
            wait=meant.count is not None,
            progress=bar,
        ):
            writer.write(some)
            failed += sum(error is not None for error in some.errors)
            read += len(some.images)
        writer.close()
        if not read:
            raise InputError("there was no picture to predict")
    return 1 if failed == read else 0


def _threshold(text: str) -> "Threshold":
    from ..inference import THRESHOLDS

    if text in THRESHOLDS:
        return text
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        choices = ", ".join(THRESHOLDS)
        raise InputError(f"--threshold {text}: it must be {choices}, or a number from 0 to 1")
    return value


def _threads(jobs: int) -> int | None:
    if jobs == 0:
        raise InputError("--jobs 0: nobody would do the work; give 1 or more, or -1 for all cores.")
    return jobs if jobs > 0 else None
