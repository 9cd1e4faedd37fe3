"""`catnocat scenes`."""

import json as json_format
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ..data.scenes import MenagerieSettings
from ..utils import InputError
from .options import Json, comma_separated

DEFAULT = MenagerieSettings()
GROUP_SIZES = ",".join(f"{share:g}" for share in DEFAULT.group_sizes)


class Layout(StrEnum):
    """Placement of the animals."""

    scatter = "scatter"
    grid = "grid"


def scenes(
    out: Annotated[Path, typer.Option(help="Output folder; must be empty or not exist.")],
    number: Annotated[int, typer.Option(help="Number of scenes.")] = DEFAULT.number,
    labels: Annotated[
        str,
        typer.Option(
            help="Comma-separated animals; neighbours in the list form cooccurring and exclusive "
            "pairs in turn.  [default: all]"
        ),
    ] = "",
    fewest: Annotated[
        int, typer.Option(help="Minimum number of animals per scene.")
    ] = DEFAULT.fewest,
    most: Annotated[int, typer.Option(help="Maximum number of animals per scene.")] = DEFAULT.most,
    mean_groups: Annotated[
        float,
        typer.Option(help="Mean number of groups per scene; animals of a group share one label."),
    ] = DEFAULT.mean_groups,
    group_sizes: Annotated[
        str, typer.Option(help="Probabilities of a group of one animal, of two, and so on.")
    ] = GROUP_SIZES,
    cooccurrence: Annotated[
        float,
        typer.Option(help="A cooccurring label is 1 + this times as likely; 0: no effect."),
    ] = DEFAULT.cooccurrence,
    exclusion: Annotated[
        float, typer.Option(help="An exclusive label is 1 + this times less likely; 0: no effect.")
    ] = DEFAULT.exclusion,
    canvas: Annotated[int, typer.Option(help="Side of the image in pixels.")] = DEFAULT.canvas,
    layout: Annotated[
        Layout,
        typer.Option(help="scatter: any position and overlap; grid: separate cells and one size."),
    ] = Layout.scatter,
    size: Annotated[
        tuple[float, float],
        typer.Option(help="Minimum and maximum diameter as a share of the canvas; scatter only."),
    ] = DEFAULT.size,
    sprites: Annotated[
        Path | None,
        typer.Option(help="Folder with a sub-folder of RGBA PNGs per label, instead of OpenMoji."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Random seed.")] = DEFAULT.seed,
    jobs: Annotated[int, typer.Option(help="Parallel processes; -1 for all cores.")] = -1,
    json: Json = False,
) -> None:
    """Draw scenes with any combination of animals.

    Writes a label table, the images and the ground truth of each animal.
    """
    from ..data.scenes import draw_scenes

    settings = MenagerieSettings(
        number=number,
        labels=tuple(comma_separated(labels)) or None,
        fewest=fewest,
        most=most,
        mean_groups=mean_groups,
        group_sizes=tuple(_parse_probabilities(group_sizes)),
        cooccurrence=cooccurrence,
        exclusion=exclusion,
        canvas=canvas,
        layout=layout.value,
        size=size,
        sprites=sprites,
        seed=seed,
    )
    table = draw_scenes(settings, out, n_jobs=jobs, progress=True)
    manifest = json_format.loads((table.parent / "scenes.json").read_text(encoding="utf-8"))
    if json:
        output = {
            "table": str(table),
            "scenes": number,
            "labels": list(manifest["drawings"]),
            "digest": manifest["digest"],
            "credit": manifest["credit"],
        }
        typer.echo(json_format.dumps(output, ensure_ascii=False))
        return
    typer.echo(f"{number} scenes of {len(manifest['drawings'])} animals: {table}")
    typer.echo(f"Compare methods on them: catnocat bench {table}")
    typer.echo("\n".join(manifest["credit"]))


def _parse_probabilities(text: str) -> list[float]:
    try:
        return [float(part) for part in comma_separated(text)]
    except ValueError:
        raise InputError(
            f"--group-sizes {text}: must be comma-separated numbers such as 0.65,0.25,0.10"
        ) from None
