"""`catnocat serve`."""

import os
from pathlib import Path
from typing import Annotated

import typer

from ..utils import InputError

TOKEN = "CATNOCAT_TOKEN"
_SHORTEST = 16


def serve(
    model: Annotated[Path, typer.Argument(help="What 'catnocat fit' wrote.")],
    host: Annotated[
        str, typer.Option(help="Address to listen at; 0.0.0.0 lets other machines ask.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any that is free.")] = 8000,
    token_file: Annotated[
        Path | None,
        typer.Option(help=f"A file with the token that clients must send.  [default: ${TOKEN}]"),
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(help="Another name by which the service is called, as behind a proxy."),
    ] = None,
    weights: Annotated[
        Path | None, typer.Option(help="The backbone's weights, if the model needs a file of them.")
    ] = None,
    max_megabytes: Annotated[float, typer.Option(help="Of one picture's file.")] = 20.0,
    max_megapixels: Annotated[float, typer.Option(help="Of one picture.")] = 50.0,
    max_files: Annotated[int, typer.Option(help="In one request.")] = 32,
    max_requests: Annotated[
        int, typer.Option(help="Dealt with at once; others are told to come again.")
    ] = 16,
    timeout: Annotated[
        float, typer.Option(help="Seconds to send a request in, and again to answer it in.")
    ] = 30.0,
) -> None:
    """Show a model in the browser, and to programs.

    Programs ask it through a JSON API.
    """
    token = _token(token_file)
    from ..inference import load
    from ..inference.serving import Limits, ModelPredictor, is_loopback, keep_heap_small
    from ..inference.serving import serve as run

    limits = Limits(max_megabytes, max_megapixels, max_files, max_requests, timeout)
    if not is_loopback(host) and token is None:
        typer.echo(
            f"catnocat: warning: whoever reaches {host}:{port} can use this service;"
            f" set ${TOKEN} or --token-file to ask for a token",
            err=True,
        )
    keep_heap_small()
    with load(model, keep=False, weights=weights) as loaded:
        run(
            ModelPredictor(loaded),
            model.name,
            host=host,
            port=port,
            token=token,
            names=allow_host or (),
            limits=limits,
            started=lambda url: typer.echo(f"{model}: {url} (API: {url}docs); Ctrl+C stops it"),
        )


def _token(file: Path | None) -> str | None:
    """Read the token; one that can be guessed is none."""
    if file is None:
        token, origin = os.environ.get(TOKEN), f"${TOKEN}"
        if token is None:
            return None
    else:
        origin = f"--token-file {file}"
        try:
            token = file.read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it is no text"
            raise InputError(f"{origin}: cannot be read ({reason})") from None
    token = token.strip()
    if len(token) < _SHORTEST or not token.isascii() or any(one.isspace() for one in token):
        raise InputError(
            f"{origin}: a token has at least {_SHORTEST} letters and digits without a space,"
            " as 'openssl rand -hex 32' gives them"
        )
    return token
