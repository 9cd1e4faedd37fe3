"""`catnocat backbones`."""

import json as json_format
from collections import Counter
from dataclasses import asdict
from typing import Annotated

import typer

from ..utils import InputError
from .options import Json

SEARCH = "Part of the name.  [default: networks whose weights are on this machine]"


def backbones(
    search: Annotated[str, typer.Argument(help=SEARCH, show_default=False)] = "",
    everything: Annotated[bool, typer.Option("--all", help="List all networks.")] = False,
    json: Json = False,
) -> None:
    """List the networks that can be used as a backbone.

    Networks marked "local" need no download.
    """
    from ...features import list_backbones

    matches = list_backbones(search)
    if not matches:
        raise InputError(f"no backbone has {search!r} in its name; list all with --all")
    listed = matches if search or everything else [entry for entry in matches if entry.local]
    if json:
        typer.echo(json_format.dumps([asdict(entry) for entry in listed]))
        return
    for entry in listed:
        dimension = "" if entry.dimension is None else f"{entry.dimension:,} features"
        typer.echo(f"{entry.name:<48} {dimension:>14}  {'local' if entry.local else ''}".rstrip())
    remote = Counter(entry.name.partition(":")[0] for entry in matches if not entry.local)
    if len(listed) < len(matches):
        counts = " and ".join(f"{count:,} of {library}" for library, count in remote.items())
        typer.echo(
            f"{counts} can be downloaded, or read from a file with --weights. Search by a part of"
            " the name, for example 'catnocat backbones resnet', or use --all."
        )
