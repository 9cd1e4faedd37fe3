"""`catnocat explain`."""

import json as json_format
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from ..utils import InputError

PICTURES = "Pictures, folders or patterns; with --pointing-game a data set with boxes."
LABEL = "A label to look for; may be given several times.  [default: those that the model sees]"
GAME = (
    "Measure how often the strongest evidence for a label lies on such an object, on the test part"
    " of 'menagerie' or of another table with an objects.csv of boxes."
)


def explain(
    model: Annotated[Path, typer.Argument(help="A file that 'catnocat fit' wrote.")],
    pictures: Annotated[list[str], typer.Argument(help=PICTURES)],
    out: Annotated[Path, typer.Option(help="Folder of the overlays and evidence.json.")] = Path(
        "catnocat-evidence"
    ),
    label: Annotated[list[str] | None, typer.Option(help=LABEL, show_default=False)] = None,
    pointing_game: Annotated[bool, typer.Option("--pointing-game", help=GAME)] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Play the game with so many pictures.")
    ] = None,
    weights: Annotated[
        Path | None, typer.Option(help="The backbone's weights, if the model needs a file.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON, and draw nothing.")] = False,
) -> None:
    """Show where in pictures the evidence for their labels lies."""
    from ...features import progress_bar
    from ..inference import load
    from ..inference.explain import explain_pictures, play_pointing_game
    from ..inference.predict import pictures_meant

    with load(model, keep=False, weights=weights) as using:
        for remark in using.remarks:
            typer.echo(f"catnocat: {model}: {remark}", err=True)
        if pointing_game:
            if len(pictures) != 1:
                raise InputError("--pointing-game: name one data set")
            with nullcontext() if json else progress_bar("pointing") as bar:
                found = play_pointing_game(using, pictures[0], limit=limit, progress=bar)
            typer.echo(json_format.dumps(found, ensure_ascii=False) if json else _game(found))
            return
        paths = [path for _, path in pictures_meant(pictures).names]
        told = explain_pictures(using, paths, labels=label or (), out=None if json else out)
    if json:
        typer.echo(json_format.dumps(told, ensure_ascii=False, allow_nan=False))
        return
    for entry in told:
        typer.echo(_told(entry, out))


def _told(entry: dict[str, Any], out: Path) -> str:
    lines = [f"{entry['image']}, {entry['width']} x {entry['height']} pixels"]
    for each in entry["labels"]:
        peak = f"{each['peak']['x']:.0f}, {each['peak']['y']:.0f}"
        lines.append(
            f"  {each['label']:<20} {100 * each['probability']:5.1f} %  most at {peak:<11}"
            f" {out / each['overlay']}"
        )
    return "\n".join(lines)


def _game(found: dict[str, Any]) -> str:
    lines = [
        f"{found['played']:,} labels on {found['pictures']:,} pictures",
        f"{'':<20} {'peak':>6} {'chance':>7} {'centre':>7} {'of':>6}",
    ]
    for name, row in {"all labels": found, **found["labels"]}.items():
        shares = f"{row['peak']:6.1%} {row['chance']:7.1%} {row['centre']:7.1%}"
        lines.append(f"{name:<20} {shares} {row['played']:6,}")
    return "\n".join(lines)
