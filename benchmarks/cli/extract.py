"""`catnocat extract`."""

import json as json_format
from collections import Counter
from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..utils import InputError
from .data import DATASET
from .options import TABLE_OPTIONS, Json, with_options

if TYPE_CHECKING:
    from ...features import Extraction
    from ..data.tables import LabelTable

_MAX_SKIPPED_SHOWN = 10


@with_options(
    *("store", "backbone", "weights", "views", "quality", "engine", "precision", "scheduler"),
    *TABLE_OPTIONS,
)
def extract(
    dataset: Annotated[str, typer.Argument(help=DATASET)],
    batch_size: Annotated[
        int | None,
        typer.Option(min=1, help="Images per pass of the network.  [default: set by the engine]"),
    ] = None,
    jobs: Annotated[int, typer.Option(min=-1, help="Threads; -1 for all cores.")] = -1,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Retry images that could not be read before.")
    ] = False,
    json: Json = False,
    *,
    options: dict[str, Any],
) -> int:
    """Compute the feature vectors of a data set's images and store them.

    Stored vectors are not computed again. The exit code is 1 if no image could be read.
    """
    from ...features import extract_features, progress_bar

    reading = {name: options.pop(name) for name in TABLE_OPTIONS}
    table = load_images(dataset, jobs, **reading)
    if options["precision"] == "bfloat16" and options["scheduler"] is None:
        _warn_without_bfloat16(options["engine"])
    with nullcontext() if json else progress_bar("features") as bar:
        extraction = extract_features(
            table.paths,
            bit_depth=table.bit_depth,
            batch_size=batch_size,
            n_jobs=jobs if jobs > 0 else None,
            retry_failed=retry_failed,
            progress=bar,
            **options,
        )
    summary = _summary(table, extraction)
    typer.echo(json_format.dumps(summary, ensure_ascii=False) if json else _format(summary))
    return 0 if summary["vectors"] else 1


def load_images(dataset: str, jobs: int = -1, **reading: Any) -> "LabelTable":
    """Load a data set of images; raise `InputError` if it holds feature vectors instead."""
    from ..data import load_dataset

    table = load_dataset(dataset, n_jobs=jobs or -1, **reading)
    if table.X is not None:
        raise InputError(f"{dataset}: holds feature vectors instead of images")
    return table


def format_skipped(skipped: list[dict[str, str]]) -> list[str]:
    """Return a few lines that name the skipped images and the reasons."""
    if not skipped:
        return []
    reasons = Counter(entry["reason"] for entry in skipped).most_common()
    lines = [f"{len(skipped):,} skipped:"]
    if len(skipped) > _MAX_SKIPPED_SHOWN:
        lines += [f"  {count:,} x {reason}" for reason, count in reasons[:_MAX_SKIPPED_SHOWN]]
        lines += ["  --json lists them all; the first are"]
    first = skipped[:_MAX_SKIPPED_SHOWN]
    return lines + [f"  {entry['image']}: {entry['reason']}" for entry in first]


def _skipped_images(table: "LabelTable", extraction: "Extraction") -> list[dict[str, str]]:
    """Return the skipped images by their names in the table, with the reasons."""
    rows = zip(table.images, extraction.readable, strict=True)
    names = [name for name, is_readable in rows if not is_readable]
    return [
        {"image": name, "reason": reason}
        for name, (_, reason) in zip(names, extraction.skipped, strict=True)
    ]


def _warn_without_bfloat16(engine: str) -> None:
    from ...features import has_bfloat16, plan_recipe

    if not has_bfloat16(plan_recipe(engine=engine).engine):
        typer.echo(
            "catnocat: this processor has no instructions for bfloat16: it is not faster than"
            " float32 here, only less exact; omit --precision",
            err=True,
        )


def _summary(table: "LabelTable", extraction: "Extraction") -> dict[str, Any]:
    n_vectors = int(extraction.readable.sum())
    return {
        "table": table.source,
        "images": table.n_images,
        "vectors": n_vectors,
        "dimension": extraction.recipe.dimension,
        "computed": extraction.computed,
        "seconds": round(extraction.seconds, 3),
        "images_per_second": round(extraction.computed / max(extraction.seconds, 1e-9), 1),
        "recipe": extraction.recipe.to_dict(),
        "digest": extraction.recipe.digest,
        "skipped_images": _skipped_images(table, extraction),
    }


def _format(summary: dict[str, Any]) -> str:
    recipe = summary["recipe"]
    lines = [
        f"{summary['vectors']:,} of {summary['images']:,} images have a vector of"
        f" {summary['dimension']:,} features: {recipe['backbone']} {' '.join(recipe['views'])},"
        f" {recipe['engine']}, {recipe['precision']}, recipe {summary['digest'][:12]}",
        f"{summary['computed']:,} new in {summary['seconds']:.1f} s"
        f" ({summary['images_per_second']:,.0f} images/s)",
    ]
    return "\n".join(lines + format_skipped(summary["skipped_images"]))
