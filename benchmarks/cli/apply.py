"""`catnocat apply`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from .options import TABLE_OPTIONS, with_options


@with_options(*TABLE_OPTIONS)
def apply(
    corrections: Annotated[
        Path, typer.Argument(help="CSV with the columns image, label, suggested and decision.")
    ],
    dataset: Annotated[str, typer.Argument(help="The label table or data set to correct.")],
    out: Annotated[Path, typer.Option(help="The corrected table, a new file.")],
    accept_all: Annotated[
        bool, typer.Option("--all", help="Also apply the rows without a decision.")
    ] = False,
    *,
    options: dict[str, Any],
) -> None:
    """Apply corrections of labels to a copy of a label table.

    Only rows whose decision is 'change' are applied. No file is overwritten, and everything else in
    the table stays as it is.
    """
    from ..data.corrections import apply_corrections, read_corrections
    from ..utils import InputError, pluralize

    accepted = read_corrections(corrections, accept_all=accept_all)
    if not accepted:
        raise InputError(
            f"{corrections}: no row has the decision 'change'; write it into the column 'decision',"
            " or add --all to apply every row without a decision"
        )
    changed = apply_corrections(accepted, dataset, out, reading=options)
    typer.echo(f"{pluralize(changed, 'label')} changed: {out}")
