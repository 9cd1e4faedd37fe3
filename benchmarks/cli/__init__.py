"""The command line: each command is one file, and one call of the function that does the work.

Nothing heavy is imported before a command runs, so that `catnocat --help` answers at once.
"""

import io
import logging
import shlex
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from ... import __version__
from ..utils import LOGGER, InputError, UnclearInputError
from .apply import apply
from .backbones import backbones
from .bench import bench
from .compare import compare
from .data import data
from .detect import detect
from .doctor import doctor
from .explain import explain
from .extract import extract
from .fit import fit
from .predict import predict
from .scenes import scenes
from .serve import serve
from .store import store
from .suggest import suggest

__all__ = ["app", "main"]

STOPPED = 130

app = typer.Typer(
    name="catnocat",
    help="Is repeated cat/no-cat good enough? Settle it on your own pictures.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (
    *(bench, data, fit, predict, explain, serve, detect),
    *(extract, scenes, backbones, doctor),
    *(apply, suggest, compare),
):
    app.command()(command)
app.add_typer(store, name="store")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"catnocat {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Say and stop."),
    ] = False,
) -> None:
    """Is repeated cat/no-cat good enough? Settle it on your own pictures."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; wrong input ends it with one line on stderr and exit code 2."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    LOGGER.addHandler(handler := _NoticeHandler())
    LOGGER.propagate = False
    if isinstance(sys.stdout, io.TextIOWrapper):  # a file's name need not be text
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        code = app(args=arguments, standalone_mode=False)
    except typer.TyperException as error:
        told = error.format_message().replace("Value error, ", "").rstrip(".")
        _refuse(f"{told}. Try 'catnocat --help'.")
    except ValueError as error:
        from ...features import FeatureError

        if not isinstance(error, InputError | FeatureError):
            raise
        if isinstance(error, UnclearInputError):
            _refuse(error.commands(shlex.join(["catnocat", *words])))
        _refuse(str(error))
    except (KeyboardInterrupt, typer.Abort):
        code = STOPPED
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone; nobody is left to tell
        sys.exit(141)
    finally:
        LOGGER.removeHandler(handler)
        LOGGER.propagate = True
    if code == STOPPED:  # typer makes it of Ctrl-C, and says nothing
        typer.echo("catnocat: stopped", err=True)
    sys.exit(code if isinstance(code, int) else 0)


class _NoticeHandler(logging.Handler):
    """Writes each notice as a line on stderr."""

    def emit(self, record: logging.LogRecord) -> None:
        typer.echo(f"catnocat: {' '.join(record.getMessage().split())}", err=True)


def _refuse(message: str) -> None:
    typer.echo(f"catnocat: {' '.join(message.split())}", err=True)
    sys.exit(2)
