"""`catnocat doctor`."""

import json as json_format
from typing import Annotated

import typer

from .options import Json, Store


def doctor(
    store: Store = None,
    quick: Annotated[bool, typer.Option("--quick", help="Do not measure the speed.")] = False,
    json: Json = False,
) -> int:
    """Check the installation and measure the speed of this machine.

    The exit code is 1 if something that is needed does not work.
    """
    from ..doctor import print_diagnostics, run_diagnostics

    diagnostics = run_diagnostics(store, quick=quick)
    if json:
        typer.echo(json_format.dumps(diagnostics, ensure_ascii=False, allow_nan=False))
    else:
        print_diagnostics(diagnostics)
    return 1 if diagnostics["errors"] else 0
