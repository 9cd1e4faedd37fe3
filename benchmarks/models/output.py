"""Standard output, or a file that is there when it is whole."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ..errors import InputError


@contextmanager
def opened_output(path: Path | None) -> Iterator[IO[bytes]]:
    """Open what is to be written; a file appears under its name once all has gone well.

    Parameters
    ----------
    path : Path or None
        None: standard output.
    """
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    except OSError as error:
        raise InputError(f"--out {path}: cannot be written to ({error.strerror}).") from None
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        umask = os.umask(0)
        os.umask(umask)
        Path(part).chmod(0o666 & ~umask)  # mkstemp's file is nobody else's
        Path(part).replace(path)
    except OSError as error:
        raise InputError(f"--out {path}: cannot be written ({error.strerror}).") from None
    finally:
        Path(part).unlink(missing_ok=True)
