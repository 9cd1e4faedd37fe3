"""The part of `catnocat data` that looks for label errors."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

DEFAULT_NAME = "suspects.csv"


def report_label_errors(
    dataset: str | Path,
    out: Path,
    *,
    loading: Mapping[str, Any],
    features: Mapping[str, Any],
    shown: int = 20,
) -> None:
    """Print the labels that are probably wrong and write them to a file.

    Parameters
    ----------
    dataset : str or path
    out : path
        A file whose name ends in .csv, or a folder for `suspects.csv`.
    loading : mapping
        Options of `load_dataset`.
    features : mapping
        Options of `load_vectors`.
    shown : int, default=20
        Number of labels to print.
    """
    from ..analysis.label_errors import find_label_errors
    from ..data import load_dataset, load_vectors
    from ..data.corrections import write_suspects
    from ..utils import check_output_folder, create_folder, pluralize

    path = out if out.suffix.lower() == ".csv" else out / DEFAULT_NAME
    check_output_folder(path.parent)  # only a check: wrong input leaves no empty folder
    vectors = load_vectors(load_dataset(dataset, **loading), **features)
    suspects = find_label_errors(vectors.X, vectors.table)
    create_folder(path.parent)
    write_suspects(
        (
            (entry.image, entry.label, entry.given, entry.suggested, entry.error_probability)
            for entry in suspects
        ),
        path,
    )
    missing = sum(entry.suggested for entry in suspects)
    labels = pluralize(vectors.table.n_images * vectors.table.n_labels, "label")
    typer.echo(
        f"{len(suspects):,} of {labels} are probably wrong: {missing:,} missing,"
        f" {len(suspects) - missing:,} superfluous."
    )
    for entry in suspects[:shown]:
        kind = "missing" if entry.suggested else "superfluous"
        typer.echo(f"  {entry.error_probability:.2f}  {kind:<11}  {entry.label}  {entry.image}")
    if len(suspects) > shown:
        typer.echo(f"  and {len(suspects) - shown:,} more")
    typer.echo(
        f"All of them: {path}\nWrite change or keep into its column 'decision', then type: "
        + shlex.join(["catnocat", "apply", str(path), str(dataset), "--out", "corrected.csv"])
    )
