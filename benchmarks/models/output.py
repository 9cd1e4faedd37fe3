"""The output of predictions: standard output, or a file that appears once it is complete."""

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ..errors import InputError

Named = tuple[str, str]


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


def named_from(folder: Path, names: Iterable[Named]) -> Iterator[Named]:
    """Yield names of images relative to a folder, so that a table written there finds the images.

    Absolute names stay as they are.

    Parameters
    ----------
    folder : Path
    names : iterable of (str, str)
        The name and the path of each image.

    Examples
    --------
    >>> list(named_from(Path("/data/out"), [("a.jpg", "/data/photos/a.jpg"), ("/x.jpg", "/x.jpg")]))
    [('../photos/a.jpg', '/data/photos/a.jpg'), ('/x.jpg', '/x.jpg')]
    """
    start = os.path.abspath(folder)  # noqa: PTH100
    for name, path in names:
        target = os.path.abspath(path)  # noqa: PTH100
        here = os.path.normpath(os.path.join(start, name))  # noqa: PTH118
        yield (name if here == target else os.path.relpath(target, start)), path
