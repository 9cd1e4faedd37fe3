"""`catnocat serve`."""

import os
from pathlib import Path
from typing import Annotated

import typer

from ..utils import InputError
from .options import ModelFile, ModelWeights

TOKEN_VARIABLE = "CATNOCAT_TOKEN"
_MIN_TOKEN_LENGTH = 16


def serve(
    model: ModelFile,
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 allows other machines.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 selects a free port.")] = 8000,
    token_file: Annotated[
        Path | None,
        typer.Option(
            help=f"File with the token that clients must send.  [default: ${TOKEN_VARIABLE}]"
        ),
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(help="Another host name of the service, for example of a reverse proxy."),
    ] = None,
    weights: ModelWeights = None,
    max_megabytes: Annotated[float, typer.Option(help="Size of one image file.")] = 20.0,
    max_megapixels: Annotated[float, typer.Option(help="Size of one image.")] = 50.0,
    max_files: Annotated[int, typer.Option(help="Files in one request.")] = 32,
    max_requests: Annotated[
        int, typer.Option(help="Requests processed at the same time; others get status 429.")
    ] = 16,
    timeout: Annotated[
        float, typer.Option(help="Seconds to receive a request, and again to answer it.")
    ] = 30.0,
) -> None:
    """Serve a model as a web page and a JSON API."""
    token = _read_token(token_file)
    from ..inference import load
    from ..inference.serving import Limits, ModelPredictor, is_loopback, tune_malloc
    from ..inference.serving import serve as run_server

    limits = Limits(max_megabytes, max_megapixels, max_files, max_requests, timeout)
    if not is_loopback(host) and token is None:
        typer.echo(
            f"catnocat: warning: everyone who can reach {host}:{port} can use this service;"
            f" set ${TOKEN_VARIABLE} or --token-file to require a token",
            err=True,
        )
    tune_malloc()
    with load(model, use_store=False, weights=weights) as loaded:
        run_server(
            ModelPredictor(loaded),
            model.name,
            host=host,
            port=port,
            token=token,
            allowed_hosts=allow_host or (),
            limits=limits,
            on_start=lambda url: typer.echo(f"{model}: {url} (API: {url}docs); Ctrl+C stops it"),
        )


def _read_token(file: Path | None) -> str | None:
    """Read the token from a file or the environment; reject one that is easy to guess."""
    if file is None:
        token, origin = os.environ.get(TOKEN_VARIABLE), f"${TOKEN_VARIABLE}"
        if token is None:
            return None
    else:
        origin = f"--token-file {file}"
        try:
            token = file.read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "not a text file"
            raise InputError(f"{origin}: cannot be read ({reason})") from None
    token = token.strip()
    has_spaces = any(character.isspace() for character in token)
    if len(token) < _MIN_TOKEN_LENGTH or not token.isascii() or has_spaces:
        raise InputError(
            f"{origin}: a token needs at least {_MIN_TOKEN_LENGTH} ASCII characters without spaces,"
            " for example from 'openssl rand -hex 32'"
        )
    return token
