"""Atomic file writes, reporting of OS errors, and the cache folder."""

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from .errors import FeatureError


def write_whole(path: Path, content: bytes) -> None:
    """Write a file atomically: it is complete or absent, even after a power cut."""
    part = path.with_name(f"{path.name}.{uuid.uuid4().hex}.part")
    try:
        write_synced(part, lambda file: file.write(content))
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


def write_synced(path: Path, write: Callable[[BinaryIO], Any]) -> None:
    """Write a new file and sync it to disk."""
    with path.open("xb") as file:
        write(file)
        file.flush()
        os.fsync(file.fileno())


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
