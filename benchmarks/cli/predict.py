"""`catnocat predict`."""

import os
import sys
from contextlib import nullcontext
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from ..utils import InputError, pluralize
from .options import TABLE_OPTIONS, ModelFile, ModelWeights, Store, with_options

if TYPE_CHECKING:
    from ..inference import Threshold
    from ..inference.predict import Action, PredictionBatch

IMAGES = (
    "Images, folders, zips, patterns, or tables with a column 'image'; or - for one path per line"
    " on standard input."
)
THRESHOLD = (
    "Threshold of the probabilities: f1 or hamming, selected per label for this metric; set, the"
    " label set that the method predicts; or a number."
)
SORT_INTO = (
    "Folder in which each label gets a folder with hard links (or copies) of its images; images"
    " without a label go to 'no label'."
)
KEYWORDS = (
    "Write the labels as keywords to XMP sidecars next to the images, for digiKam, darktable and"
    " Lightroom. Images and sidecars of other programs are not changed."
)
_MAX_LABELS_IN_SUMMARY = 6


class Format(StrEnum):
    """File format of predictions."""

    jsonl = "jsonl"
    csv = "csv"
    parquet = "parquet"
    table = "table"


@with_options(*TABLE_OPTIONS)
def predict(
    model: ModelFile,
    images: Annotated[list[str], typer.Argument(help=IMAGES)],
    out: Annotated[
        Path | None, typer.Option(help="File to write.  [default: standard output]")
    ] = None,
    format: Annotated[
        Format | None,
        typer.Option(help="File format.  [default: table on a terminal, else jsonl]"),
    ] = None,
    top: Annotated[
        int | None,
        typer.Option(min=0, help="Write only this many probabilities, the highest first."),
    ] = None,
    threshold: Annotated[str, typer.Option(help=THRESHOLD)] = "f1",
    excel_safe: Annotated[
        bool,
        typer.Option(
            "--excel-safe", help="CSV: write an apostrophe before cells that start with = + - or @."
        ),
    ] = False,
    sort_into: Annotated[Path | None, typer.Option(help=SORT_INTO)] = None,
    write_keywords: Annotated[bool, typer.Option("--write-keywords", help=KEYWORDS)] = False,
    html: Annotated[
        Path | None,
        typer.Option(help="Contact sheet to write: one page with all images and labels."),
    ] = None,
    store: Store = None,
    no_store: Annotated[
        bool, typer.Option("--no-store", help="Neither use nor fill the feature store.")
    ] = False,
    weights: ModelWeights = None,
    jobs: Annotated[int, typer.Option(min=-1, help="Threads; -1 for all cores.")] = -1,
    *,
    options: dict[str, Any],
) -> int:
    """Predict the labels of images, in the order given.

    An image that cannot be read gets a line with the reason. An image that is unlike the training
    images is flagged: its predictions mean little. Features are kept in the store, so a repeated
    run continues where an interrupted one stopped. A summary is printed on stderr. The exit code is
    1 if no image could be read.
    """
    from ...features import progress_bar
    from ..data.tables import TableOptions
    from ..inference import load
    from ..inference.predict import (
        SortIntoFolders,
        WriteKeywords,
        find_images,
        make_writer,
        open_contact_sheet,
        open_output,
        predict_stream,
        relative_names,
    )

    rule, n_threads = _parse_threshold(threshold), _parse_jobs(jobs)
    if format is None:
        format = Format.table if out is None and sys.stdout.isatty() else Format.jsonl
    if format is Format.parquet and out is None:
        raise InputError("--format parquet: a binary format needs a file; pass --out FILE.parquet")
    if excel_safe and format is not Format.csv:
        raise InputError("--excel-safe: is for CSV; add --format csv, or omit it")
    if sort_into is not None:
        _check_outside(sort_into, images)
    is_terminal = format is Format.table and out is None and sys.stdout.isatty()
    with (
        find_images(images, options=TableOptions(**options)) as source,
        load(
            model, store=store, use_store=not no_store, weights=weights, n_jobs=n_threads
        ) as loaded,
        open_output(out) as file,
        open_contact_sheet(html, loaded.labels) as sheets,
        # On a terminal, the table itself shows the progress.
        nullcontext() if is_terminal else progress_bar("images") as bar,
    ):
        depth = options["bit_depth"]
        if depth is not None and depth != loaded.recipe.bit_depth:
            raise InputError(
                f"--bit-depth {depth}: {model} was fitted with"
                f" {loaded.recipe.bit_depth or 'the bit depth of each file'}; omit the option, or"
                " fit the model again"
            )
        if write_keywords and source.has_zip:
            raise InputError(
                "--write-keywords: images in a zip have no folder; extract the zip first"
            )
        for warning in (*source.warnings, *(f"{model}: {text}" for text in loaded.warnings)):
            typer.echo(f"catnocat: {warning}", err=True)
        # A label table in a file must name its images relative to its folder.
        names = source.names if out is None else relative_names(out.parent, source.names)
        actions: list[Action] = [*sheets]
        if sort_into is not None:
            actions.append(SortIntoFolders(sort_into, loaded.labels))
        if write_keywords:
            actions.append(WriteKeywords(loaded.labels))
        summary = _Summary(loaded.labels)
        writer = make_writer(
            format.value,
            file,
            loaded.labels,
            top=top,
            has_detector=loaded.novelty is not None,
            excel_safe=excel_safe,
            color=is_terminal and _has_colors(),
        )
        for batch in predict_stream(
            loaded,
            names,
            threshold=rule,
            total=source.count,
            wait=source.count is not None,
            progress=bar,
        ):
            writer.write(batch)
            for action in actions:
                action.apply(batch)
            summary.add(batch)
        writer.close()
        if not summary.images:
            raise InputError("there were no images to predict")
    typer.echo(summary.line([action.summary() for action in actions]), err=True)
    return 1 if summary.unreadable == summary.images else 0


@dataclass
class _Summary:
    """Counts of a run, for the line at its end."""

    labels: tuple[str, ...]
    images: int = 0
    unreadable: int = 0
    unlike: int = 0
    without_label: int = 0
    positives: Any = field(init=False)

    def __post_init__(self) -> None:
        self.positives = np.zeros(len(self.labels), int)

    def add(self, batch: "PredictionBatch") -> None:
        readable = np.array([error is None for error in batch.errors])
        self.images += len(readable)
        self.unreadable += int((~readable).sum())
        self.without_label += int((readable & ~batch.Y.any(axis=1)).sum())
        self.positives += batch.Y.sum(axis=0, dtype=int)
        if batch.unlike is not None:
            self.unlike += int(batch.unlike.sum())

    def line(self, actions: list[str]) -> str:
        from ..inference.predict import printable

        by_count = np.argsort(-self.positives, kind="stable").tolist()
        order = [column for column in by_count if self.positives[column]]
        counts = [
            f"{printable(self.labels[column])} {self.positives[column]:,}"
            for column in order[:_MAX_LABELS_IN_SUMMARY]
        ]
        if len(order) > _MAX_LABELS_IN_SUMMARY:
            counts.append(f"{len(order) - _MAX_LABELS_IN_SUMMARY} more labels")
        if self.without_label:
            counts.append(f"no label {self.without_label:,}")
        parts = [f"{pluralize(self.images - self.unreadable, 'image')} predicted"]
        if self.unreadable:
            parts[0] += f", {self.unreadable:,} unreadable"
        if self.unlike:
            parts[0] += f", {self.unlike:,} unlike the training images"
        return "; ".join(part for part in (*parts, ", ".join(counts), *actions) if part)


def _check_outside(folder: Path, images: list[str]) -> None:
    """Raise `InputError` if a second run would predict the images that the first one sorted."""
    for argument in images:
        path = Path(argument)
        if path.is_dir() and folder.resolve().is_relative_to(path.resolve()):
            raise InputError(f"--sort-into {folder}: lies in {argument}; choose a folder outside")


def _has_colors() -> bool:
    return "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


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
