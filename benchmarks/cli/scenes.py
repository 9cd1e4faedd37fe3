"""`catnocat scenes`."""

import json as json_format
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ..data.scenes import MenagerieSettings, draw_scenes
from ..utils import InputError

DEFAULT = MenagerieSettings()
HERD_SIZES = ",".join(f"{share:g}" for share in DEFAULT.herd_sizes)


class Layout(StrEnum):
    """How the animals are placed."""

    scatter = "scatter"
    grid = "grid"


def scenes(
    out: Annotated[Path, typer.Option(help="Folder to be made; refused if it holds anything.")],
    number: Annotated[int, typer.Option(help="How many scenes.")] = DEFAULT.number,
    labels: Annotated[
        str,
        typer.Option(
            help="Comma-separated animals; neighbours in the list keep company and avoid each "
            "other in turn.  [default: all]"
        ),
    ] = "",
    fewest: Annotated[int, typer.Option(help="Fewest animals in a scene.")] = DEFAULT.fewest,
    most: Annotated[int, typer.Option(help="Most animals in a scene.")] = DEFAULT.most,
    herds: Annotated[
        float, typer.Option(help="Mean number of herds (one animal or more) in a scene.")
    ] = DEFAULT.herds,
    herd_sizes: Annotated[
        str, typer.Option(help="Probabilities of a herd of one, of two, and so on.")
    ] = HERD_SIZES,
    company: Annotated[
        float, typer.Option(help="A friend is 1 + this times as likely to join; 0: no effect.")
    ] = DEFAULT.company,
    avoidance: Annotated[
        float, typer.Option(help="A foe is 1 + this times less likely to join; 0: no effect.")
    ] = DEFAULT.avoidance,
    canvas: Annotated[int, typer.Option(help="Side of the picture in pixels.")] = DEFAULT.canvas,
    layout: Annotated[
        Layout, typer.Option(help="Anywhere and overlapping, or in cells and all of one size.")
    ] = Layout.scatter,
    size: Annotated[
        tuple[float, float],
        typer.Option(help="Smallest and largest animal as a share of the canvas; scatter only."),
    ] = DEFAULT.size,
    sprites: Annotated[
        Path | None,
        typer.Option(help="Folder with a sub-folder of RGBA PNGs per label, for the font."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of all that is drawn by chance.")] = DEFAULT.seed,
    jobs: Annotated[int, typer.Option(help="Parallel processes; -1 for all cores.")] = -1,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Draw scenes of any combination of animals.

    They are a label table with the truth about each animal beside it.
    """
    settings = MenagerieSettings(
        number=number,
        labels=tuple(_parts(labels)) or None,
        fewest=fewest,
        most=most,
        herds=herds,
        herd_sizes=tuple(_shares(herd_sizes)),
        company=company,
        avoidance=avoidance,
        canvas=canvas,
        layout=layout.value,
        size=size,
        sprites=sprites,
        seed=seed,
    )
    table = draw_scenes(settings, out, n_jobs=jobs, progress=True)
    paper = json_format.loads((table.parent / "scenes.json").read_text(encoding="utf-8"))
    if json:
        answer = {
            "table": str(table),
            "scenes": number,
            "labels": list(paper["drawings"]),
            "digest": paper["digest"],
            "credit": paper["credit"],
        }
        typer.echo(json_format.dumps(answer, ensure_ascii=False))
        return
    typer.echo(f"{number} scenes of {len(paper['drawings'])} animals: {table}")
    typer.echo(f"Compare methods on them: catnocat bench {table}")
    typer.echo("\n".join(paper["credit"]))


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _shares(text: str) -> list[float]:
    try:
        return [float(part) for part in _parts(text)]
    except ValueError:
        raise InputError(
            f"--herd-sizes {text}: must be numbers with commas between, as in 0.65,0.25,0.10"
        ) from None
