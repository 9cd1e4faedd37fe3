"""`catnocat suggest`."""

from pathlib import Path
from typing import Annotated

import typer


def suggest(
    model: Annotated[Path, typer.Argument(help="A model file written by 'catnocat fit'.")],
    images: Annotated[
        list[str], typer.Argument(help="Unlabelled images, folders, patterns or tables.")
    ],
    number: Annotated[
        int, typer.Option("--number", "-n", min=1, help="Number of images to suggest.")
    ] = 50,
    out: Annotated[Path, typer.Option(help="The label table to fill in, a new file.")] = Path(
        "to-label.csv"
    ),
    labelled: Annotated[
        Path | None,
        typer.Option(help="Table of the labelled images; they are not suggested again."),
    ] = None,
    store: Annotated[
        Path | None, typer.Option(help="Folder of the feature store.  [default: in the cache]")
    ] = None,
    weights: Annotated[
        Path | None, typer.Option(help="File of the backbone's weights, if the model needs one.")
    ] = None,
) -> None:
    """Suggest which images to label next.

    Ranks unlabelled images by how uncertain the model is about them, with more weight for rare
    labels, and by how different they are from each other. Writes a label table with empty cells.
    """
    from ..data.tables import read_label_table
    from ..inference import load
    from ..inference.predict import find_images
    from ..inference.suggest import suggest_images, write_suggestions
    from ..utils import InputError, pluralize

    if out.exists():
        raise InputError(f"--out {out}: exists already and is not overwritten; choose a new name")
    source = find_images(images)
    for warning in source.warnings:
        typer.echo(f"catnocat: {warning}", err=True)
    names = list(source.names)
    table = None if labelled is None else read_label_table(labelled, needs_split=False)
    with load(model, store=store, weights=weights) as loaded:
        suggestions = suggest_images(loaded, names, number, labelled=table)
        write_suggestions(suggestions, loaded.labels, out, dict(names))
    for image, entry in zip(suggestions.images, suggestions.selected, strict=True):
        typer.echo(f"{entry.uncertainty:.3f}  {entry.distance:.2f}  {image}")
    text = f"{pluralize(len(suggestions.images), 'image')} of {suggestions.n_candidates:,}"
    if suggestions.n_unreadable:
        text += f" ({suggestions.n_unreadable:,} more could not be read)"
    typer.echo(
        f"{text}, with uncertainty and distance: {out}\nWrite 1 where an image has the label and 0"
        " where it does not, then add the rows to your table and fit again."
    )
