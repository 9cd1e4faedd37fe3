"""`catnocat doctor`."""

import json as json_format
from pathlib import Path
from typing import Annotated

import typer


def doctor(
    store: Annotated[
        Path | None, typer.Option(help="Folder of the feature store.  [default: in the cache]")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Measure no speed.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Tell what is installed and used, and how fast this machine is.

    And whether anything is broken.
    """
    from ..doctor import examine, print_examination

    told = examine(store, quick=quick)
    if json:
        typer.echo(json_format.dumps(told, ensure_ascii=False, allow_nan=False))
    else:
        print_examination(told)
    return 1 if told["broken"] else 0
