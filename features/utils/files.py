"""Atomic file writes, reporting of OS errors, and the cache folder."""

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from .errors import FeatureError


@contextmanager
def atomic_write(path: Path) -> Iterator[BinaryIO]:
    """Open a binary file that appears under its name only when it is complete and synced.

    After this returns, neither a crash nor a power cut loses the file. After an exception, the
    temporary file next to it (``.part``) is deleted and an existing file at `path` is unchanged.

    Parameters
    ----------
    path : pathlib.Path
        In an existing folder.

    Yields
    ------
    binary file
        Open for reading and writing.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> path = Path(tempfile.mkdtemp()) / "numbers.bin"
    >>> with atomic_write(path) as file:
    ...     written = file.write(b"123")
    >>> path.read_bytes()
    b'123'
    """
    part = path.with_name(f"{path.name}.{uuid.uuid4().hex}.part")
    try:
        with synced_write(part) as file:
            yield file
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    if os.name == "posix":  # elsewhere a folder cannot be opened
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextmanager
def synced_write(path: Path) -> Iterator[BinaryIO]:
    """Open a new binary file and sync it to disk at the end."""
    with path.open("x+b") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def write_whole(path: Path, content: bytes) -> None:
    """Write a file atomically: it is complete or absent, even after a power cut."""
    with atomic_write(path) as file:
        file.write(content)


def write_synced(path: Path, write: Callable[[BinaryIO], Any]) -> None:
    """Write a new file and sync it to disk."""
    with synced_write(path) as file:
        write(file)


@contextmanager
def report_os_errors(action: str) -> Iterator[None]:
    """Turn an OSError into a FeatureError with the message "cannot `action`: reason"."""
    try:
        yield
    except OSError as error:
        raise FeatureError(f"cannot {action}: {error.strerror or error}") from error


def cache_folder() -> Path:
    """Return the folder for features, converted networks and other reproducible files.

    It is the environment variable ``CATNOCAT_CACHE`` if set, otherwise the user's cache folder of
    the operating system. The folder need not exist yet.

    Returns
    -------
    pathlib.Path

    Examples
    --------
    >>> from catnocat.features import cache_folder
    >>> cache_folder().is_absolute()
    True
    """
    named = os.environ.get("CATNOCAT_CACHE")
    if named:
        return Path(named).expanduser().absolute()
    from platformdirs import user_cache_path

    return user_cache_path("catnocat", appauthor=False)
