"""`catnocat backbones`."""

import json as json_format
from collections import Counter
from dataclasses import asdict
from typing import Annotated

import typer

from ..utils import InputError

SEARCH = "Part of the name.  [default: those whose weights are on this machine]"


def backbones(
    search: Annotated[str, typer.Argument(help=SEARCH, show_default=False)] = "",
    everything: Annotated[
        bool, typer.Option("--all", help="List all, also without a part of the name.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the networks that can be named as a backbone.

    It says which of them need no download.
    """
    from ...features import list_backbones

    found = list_backbones(search)
    if not found:
        raise InputError(f"no backbone has {search!r} in its name")
    shown = found if search or everything else [one for one in found if one.local]
    if json:
        typer.echo(json_format.dumps([asdict(one) for one in shown]))
        return
    for one in shown:
        length = "" if one.dimension is None else f"{one.dimension:,} numbers"
        typer.echo(f"{one.name:<48} {length:>14}  {'here' if one.local else ''}".rstrip())
    rest = Counter(one.name.partition(":")[0] for one in found if not one.local)
    if len(shown) < len(found):
        counts = " and ".join(f"{count:,} of {library}" for library, count in rest.items())
        typer.echo(
            f"{counts} can be downloaded, or read from a file with --weights: name a part, as in"
            " 'catnocat backbones resnet', or --all"
        )
