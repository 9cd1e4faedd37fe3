"""`catnocat explain`."""

import json as json_format
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from ..utils import InputError
from .options import ModelFile, ModelWeights

IMAGES = "Images, folders or patterns; with --pointing-game a data set with boxes."
LABEL = "A label to explain; may be repeated.  [default: the predicted labels of each image]"
GAME = (
    "Measure how often the maximum of a label's attribution map lies on such an object, on the test"
    " part of 'menagerie' or of another table with an objects.csv of boxes."
)


def explain(
    model: ModelFile,
    images: Annotated[list[str], typer.Argument(help=IMAGES)],
    out: Annotated[
        Path, typer.Option(help="Folder for the overlays and attributions.json.")
    ] = Path("catnocat-attributions"),
    label: Annotated[list[str] | None, typer.Option(help=LABEL, show_default=False)] = None,
    pointing_game: Annotated[bool, typer.Option("--pointing-game", help=GAME)] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Number of images for the pointing game.")
    ] = None,
    weights: ModelWeights = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON and draw nothing.")] = False,
) -> None:
    """Show where in images the evidence for their labels lies."""
    from ...features import progress_bar
    from ..inference import load
    from ..inference.explain import explain_images
    from ..inference.pointing_game import evaluate_pointing_game
    from ..inference.predict import find_images

    with load(model, use_store=False, weights=weights) as loaded:
        for warning in loaded.warnings:
            typer.echo(f"catnocat: {model}: {warning}", err=True)
        if pointing_game:
            if len(images) != 1:
                raise InputError("--pointing-game: name exactly one data set")
            with nullcontext() if json else progress_bar("pointing game") as bar:
                rates = evaluate_pointing_game(loaded, images[0], limit=limit, progress=bar)
            typer.echo(
                json_format.dumps(rates, ensure_ascii=False) if json else _format_rates(rates)
            )
            return
        with find_images(images) as source:
            paths = (path for _, path in source.names)
            entries = explain_images(loaded, paths, labels=label or (), out=None if json else out)
    if json:
        typer.echo(json_format.dumps(entries, ensure_ascii=False, allow_nan=False))
        return
    for entry in entries:
        typer.echo(_format_entry(entry, out))


def _format_entry(entry: dict[str, Any], out: Path) -> str:
    lines = [f"{entry['image']}, {entry['width']} x {entry['height']} pixels"]
    for label in entry["labels"]:
        peak = f"{label['peak']['x']:.0f}, {label['peak']['y']:.0f}"
        lines.append(
            f"  {label['label']:<20} {100 * label['probability']:5.1f} %  peak at {peak:<11}"
            f" {out / label['overlay']}"
        )
    return "\n".join(lines)


def _format_rates(rates: dict[str, Any]) -> str:
    lines = [
        f"{rates['cases']:,} labels of {rates['images']:,} images",
        f"{'':<20} {'peak':>6} {'chance':>7} {'centre':>7} {'cases':>6}",
    ]
    for name, row in {"all labels": rates, **rates["labels"]}.items():
        hit_rates = f"{row['peak']:6.1%} {row['chance']:7.1%} {row['centre']:7.1%}"
        lines.append(f"{name:<20} {hit_rates} {row['cases']:6,}")
    return "\n".join(lines)
