"""Identify images by the sha256 of their bytes, and cache which file has which digest.

A cached digest is used as long as the file's size, modification time and change time are the same;
the latter is set by the file system and cannot be reset. The cache may be deleted: the files are
then read again.
"""

import hashlib
import os
import sqlite3
import time
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

from .files import cache_folder

# A file changed a moment ago may change again within the same clock tick and keep its size.
_SETTLED_NS = 2_000_000_000
_QUERY_PATHS = 500  # per query: three times as fast as single queries; old SQLite allows 999


class Stamp(NamedTuple):
    """Size and times of a file, to check cheaply whether it has changed."""

    path: bytes
    size: int
    mtime_ns: int
    ctime_ns: int


def file_digest(path: str | os.PathLike[str]) -> str:
    """Return the sha256 of a file's bytes in hexadecimal."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def cached_file_digest(path: str | os.PathLike[str]) -> str:
    """Return `file_digest` from the cache, or compute and cache it if the file has changed."""
    cache = DigestCache()
    stamp = take_stamp(path)
    known = cache.lookup([stamp])[0]
    if known is not None:
        return known.hex()
    digest = file_digest(path)
    if stamp is not None:
        cache.remember([(stamp, bytes.fromhex(digest))])
    return digest


def take_stamp(path: str | os.PathLike[str]) -> Stamp | None:
    """Return a file's stamp; None if there is no such file."""
    try:
        status = os.stat(path)  # noqa: PTH116  100,000 Path objects cost more than the calls
        absolute = os.fsencode(os.path.abspath(path))  # noqa: PTH100
    except (OSError, ValueError):
        return None
    return Stamp(absolute, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


class DigestCache:
    """Cache from (path, size, times) to sha256 for all runs on this machine.

    Parameters
    ----------
    path : path, optional
        SQLite file; by default ``digests.sqlite`` in the cache folder.

    Notes
    -----
    Any number of processes may use it at once. If the file cannot be used (broken, locked or on a
    read-only disk), all digests count as unknown. A broken file is replaced.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        self.path = cache_folder() / "digests.sqlite" if path is None else Path(path)

    def lookup(self, stamps: Sequence[Stamp | None]) -> list[bytes | None]:
        """Return each file's digest, None if it is unknown."""
        known_stamps = [stamp for stamp in stamps if stamp is not None]
        known: dict[object, object] = {}
        try:
            with closing(self._connect()) as database:
                for start in range(0, len(known_stamps), _QUERY_PATHS):
                    paths = [stamp.path for stamp in known_stamps[start : start + _QUERY_PATHS]]
                    marks = ",".join("?" * len(paths))
                    query = f"SELECT * FROM files WHERE path IN ({marks})"
                    for *stamp, digest in database.execute(query, paths):
                        known[tuple(stamp)] = digest
        except (sqlite3.Error, OSError) as error:
            self._delete_if_broken(error)
            return [None] * len(stamps)
        digests = [None if stamp is None else known.get(stamp) for stamp in stamps]
        return [
            digest if isinstance(digest, bytes) and len(digest) == 32 else None
            for digest in digests
        ]

    def remember(self, known: Iterable[tuple[Stamp, bytes]]) -> None:
        """Store digests of files that have been unchanged for a while."""
        before = time.time_ns() - _SETTLED_NS
        rows = [(*stamp, digest) for stamp, digest in known if stamp.mtime_ns < before]
        if not rows:
            return
        try:
            with closing(self._connect()) as database, database:
                database.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?)", rows)
        except (sqlite3.Error, OSError) as error:
            self._delete_if_broken(error)

    def _connect(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(self.path, timeout=10)
        try:
            database.execute("PRAGMA synchronous = OFF")  # may lose entries in a power cut
            database.execute(
                "CREATE TABLE IF NOT EXISTS files (path BLOB PRIMARY KEY, size INTEGER,"
                " mtime INTEGER, ctime INTEGER, sha256 BLOB) WITHOUT ROWID"
            )
        except sqlite3.Error:
            database.close()
            raise
        return database

    def _delete_if_broken(self, error: Exception) -> None:
        # OperationalError means locked, read-only or full: the file itself is valid.
        if isinstance(error, sqlite3.DatabaseError) and not isinstance(
            error, sqlite3.OperationalError
        ):
            with suppress(OSError):
                self.path.unlink()
