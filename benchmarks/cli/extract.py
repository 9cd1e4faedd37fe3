"""`catnocat extract`."""

import json as json_format
from collections import Counter
from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..utils import InputError
from .options import (
    Backbone,
    Engine,
    EngineName,
    Precision,
    PrecisionName,
    Quality,
    Scheduler,
    Store,
    Views,
    Weights,
    comma_separated,
    reads_tables,
    resolve_quality,
)

if TYPE_CHECKING:
    from ...features import Extraction
    from ..data.tables import LabelTable

TABLE = "menagerie (drawn scenes), or the path of a label table"
_SHOWN = 10


@reads_tables
def extract(
    table: Annotated[str, typer.Argument(help=TABLE)],
    store: Store = None,
    backbone: Backbone = "efficientnet_lite0",
    weights: Weights = None,
    views: Views = "whole",
    quality: Quality = None,
    engine: Engine = EngineName.auto,
    precision: Precision = PrecisionName.float32,
    batch_size: Annotated[
        int | None, typer.Option(min=1, help="Pictures per pass.  [default: the engine's own]")
    ] = None,
    jobs: Annotated[int, typer.Option(min=-1, help="Threads; -1 for all cores.")] = -1,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Try again what could not be read before.")
    ] = False,
    scheduler: Scheduler = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    *,
    reading: dict[str, Any],
) -> int:
    """Compute the features of a data set's pictures and store them.

    What is stored is kept and not computed again.
    """
    from ...features import extract_features, progress_bar

    backbone, views = resolve_quality(quality, backbone, views)
    pictures = table_of_pictures(table, jobs, **reading)
    if precision is Precision.bfloat16 and scheduler is None:
        _tell_of_instructions(engine)
    with nullcontext() if json else progress_bar("features") as bar:
        extraction = extract_features(
            pictures.paths,
            backbone=backbone,
            weights=weights,
            views=comma_separated(views),
            store=store,
            engine=engine.value,
            precision=precision.value,
            batch_size=batch_size,
            n_jobs=jobs if jobs > 0 else None,
            retry_failed=retry_failed,
            scheduler=scheduler,
            progress=bar,
        )
    summary = _summary(pictures, extraction)
    typer.echo(json_format.dumps(summary, ensure_ascii=False) if json else _told(summary))
    return 0 if summary["vectors"] else 1


def table_of_pictures(table: str, jobs: int = -1, **reading: Any) -> "LabelTable":
    """Read a data set whose features are to be computed."""
    from ..data import load_dataset

    pictures = load_dataset(table, n_jobs=jobs or -1, **reading)
    if pictures.X is not None:
        raise InputError(f"{table}: comes with features instead of pictures")
    return pictures


def skipped_images(
    pictures: "LabelTable", readable: Any, skipped: tuple[tuple[str, str], ...]
) -> list[dict[str, str]]:
    """Name skipped pictures as the table does, with the reason."""
    names = [name for name, there in zip(pictures.images, readable, strict=True) if not there]
    return [
        {"image": name, "reason": reason} for name, (_, reason) in zip(names, skipped, strict=True)
    ]


def told_skipped(skipped: list[dict[str, str]]) -> list[str]:
    """Say in a few lines which pictures were skipped and why."""
    if not skipped:
        return []
    reasons = Counter(entry["reason"] for entry in skipped).most_common()
    lines = [f"{len(skipped):,} skipped:"]
    if len(skipped) > _SHOWN:
        lines += [f"  {count:,} x {reason}" for reason, count in reasons[:_SHOWN]]
        lines += ["  --json lists them all; the first are"]
    return lines + [f"  {entry['image']}: {entry['reason']}" for entry in skipped[:_SHOWN]]


def _tell_of_instructions(engine: Engine) -> None:
    from ...features import has_bfloat16, plan_recipe

    if not has_bfloat16(plan_recipe(engine=engine.value).engine):
        typer.echo(
            "catnocat: this processor has no instructions for bfloat16: it is not faster than"
            " float32 here, only less exact; better leave --precision away",
            err=True,
        )


def _summary(pictures: "LabelTable", extraction: "Extraction") -> dict[str, Any]:
    n_vectors = int(extraction.readable.sum())
    return {
        "table": pictures.source,
        "images": pictures.n_images,
        "vectors": n_vectors,
        "dimension": extraction.recipe.dimension,
        "computed": extraction.computed,
        "seconds": round(extraction.seconds, 3),
        "images_per_second": round(extraction.computed / max(extraction.seconds, 1e-9), 1),
        "recipe": extraction.recipe.to_dict(),
        "digest": extraction.recipe.digest,
        "skipped_images": skipped_images(pictures, extraction.readable, extraction.skipped),
    }


def _told(summary: dict[str, Any]) -> str:
    recipe = summary["recipe"]
    lines = [
        f"{summary['vectors']:,} of {summary['images']:,} images have a vector of"
        f" {summary['dimension']:,} numbers: {recipe['backbone']} {' '.join(recipe['views'])},"
        f" {recipe['engine']}, {recipe['precision']}, recipe {summary['digest'][:12]}",
        f"{summary['computed']:,} new in {summary['seconds']:.1f} s"
        f" ({summary['images_per_second']:,.0f} images/s)",
    ]
    return "\n".join(lines + told_skipped(summary["skipped_images"]))
