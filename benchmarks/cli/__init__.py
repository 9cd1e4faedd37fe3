"""The command line: one file per command, which parses the options and prints the result.

Heavy modules are imported when a command runs, so that `catnocat --help` is fast.
"""

import errno
import io
import logging
import shlex
import sys
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor
from typing import Annotated

import typer

from ... import __version__
from ..utils import LOGGER, InputError, UnclearInputError, escape_controls
from .apply import apply
from .backbones import backbones
from .bench import bench
from .compare import compare
from .data import data
from .detect import detect
from .doctor import doctor
from .explain import explain
from .export import export
from .extract import extract
from .fit import fit
from .predict import predict
from .scenes import scenes
from .serve import serve
from .store import store
from .suggest import suggest

__all__ = ["app", "main"]

DESCRIPTION = (
    "Compare cat/no-cat (one binary classifier per label) with joint multi-label methods on your"
    " own images, and use the best model."
)
FAILED = 1
INTERRUPTED, BROKEN_PIPE = 130, 141  # exit codes of shells: 128 plus the signal
_ENVIRONMENT_ERRORS = (
    *(errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO),
    *(errno.EACCES, errno.EPERM, errno.EMFILE, errno.ENFILE, errno.ENOMEM),
)

app = typer.Typer(
    name="catnocat",
    help=DESCRIPTION,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (
    *(bench, data, fit, predict, explain, serve, export, detect),
    *(extract, scenes, backbones, doctor),
    *(apply, suggest, compare),
):
    app.command()(command)
app.add_typer(store, name="store")


def _print_version(is_requested: bool) -> None:
    if is_requested:
        typer.echo(f"catnocat {__version__}")
        raise typer.Exit


@app.callback()
def program_options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Take the options of the program, which stand before the command."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; wrong input ends it with one line on stderr and exit code 2."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    LOGGER.addHandler(handler := _NoticeHandler())
    LOGGER.propagate = False
    # These warn if the home folder is missing or read-only, which does no harm.
    logging.getLogger().addFilter(_is_not_telemetry)
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    if isinstance(sys.stdout, io.TextIOWrapper):  # file names need not be valid text
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        code = app(args=arguments, standalone_mode=False)
    except typer.TyperException as error:
        message = error.format_message().replace("Value error, ", "").rstrip(".")
        _refuse(f"{message}. Try 'catnocat --help'.")
    except ValueError as error:
        from ...features import FeatureError

        if not isinstance(error, InputError | FeatureError):
            raise
        if isinstance(error, UnclearInputError):
            _refuse(error.commands(shlex.join(["catnocat", *words])))
        _refuse(str(error))
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # the reader of stdout has ended
        sys.exit(BROKEN_PIPE)
    except BrokenExecutor:
        _fail(
            "a worker process was killed, perhaps because memory ran out; run again with fewer"
            " processes, for example --jobs 1. Stored features are kept."
        )
    except MemoryError:
        _fail("not enough memory; use fewer processes (--jobs 1) or fewer images (--limit)")
    except OSError as error:
        if error.errno not in _ENVIRONMENT_ERRORS:
            raise
        _fail(f"{error.filename or 'standard output'}: {error.strerror}")
    finally:
        logging.getLogger().removeFilter(_is_not_telemetry)
        LOGGER.removeHandler(handler)
        LOGGER.propagate = True
    if code == INTERRUPTED:  # typer catches Ctrl-C and prints nothing
        typer.echo("catnocat: stopped", err=True)
    sys.exit(code if isinstance(code, int) else 0)


class _NoticeHandler(logging.Handler):
    """Handler that writes each notice as a line on stderr."""

    def emit(self, record: logging.LogRecord) -> None:
        message = escape_controls(" ".join(record.getMessage().split()))
        typer.echo(f"catnocat: {message}", err=True)


def _is_not_telemetry(record: logging.LogRecord) -> bool:
    """Return False for warnings of OpenVINO's telemetry, for example without a home folder."""
    return "openvino_telemetry" not in record.pathname


def _fail(message: str) -> None:
    """End with one line about the environment, such as a full disk; the input is not wrong."""
    typer.echo(f"catnocat: {message}", err=True)
    # The interpreter would fail again to flush what could not be written.
    sys.stdout = None
    sys.exit(FAILED)


def _refuse(message: str) -> None:
    typer.echo(f"catnocat: {escape_controls(' '.join(message.split()))}", err=True)
    sys.exit(2)
