"""A picture is known by the sha256 of its bytes; a disposable cache remembers which file has which.

The cache answers for a path as long as the file's size and its times stay the same: that of its
content, and that of its entry in the file system, which nobody can set back. Nothing is lost with
it: without it files are read once more.
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

# A file changed a moment ago may change again within the same tick of the clock and keep its size.
_SETTLED_NS = 2_000_000_000
_AT_ONCE = 500  # paths in a query: three times as fast as one by one; old SQLite allows 999


class Stamp(NamedTuple):
    """What tells cheaply whether a file is still the same."""

    path: bytes
    size: int
    mtime_ns: int
    ctime_ns: int


def file_digest(path: str | os.PathLike[str]) -> str:
    """Give the sha256 of a file's bytes in hexadecimal."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def cached_file_digest(path: str | os.PathLike[str]) -> str:
    """Give `file_digest` from the cache if the file has not changed, and remember it."""
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
    """Give a file's stamp; None when there is no such file."""
    try:
        about = os.stat(path)  # noqa: PTH116  100,000 Path objects cost more than the calls
        absolute = os.fsencode(os.path.abspath(path))  # noqa: PTH100
    except (OSError, ValueError):
        return None
    return Stamp(absolute, about.st_size, about.st_mtime_ns, about.st_ctime_ns)


class DigestCache:
    """Remembers (path, size, times) -> sha256, for all runs on this machine.

    Parameters
    ----------
    path : path, optional
        Of the SQLite file; ``digests.sqlite`` in the cache folder if not given.

    Notes
    -----
    Any number of processes may use it at once. Whatever is wrong with the file (broken, locked, on
    a read-only disk), the answer is "not known": a broken file is replaced by a new one.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        self.path = cache_folder() / "digests.sqlite" if path is None else Path(path)

    def lookup(self, stamps: Sequence[Stamp | None]) -> list[bytes | None]:
        """Give each file's digest, None where it is not known."""
        asked = [stamp for stamp in stamps if stamp is not None]
        known: dict[object, object] = {}
        try:
            with closing(self._connect()) as database:
                for start in range(0, len(asked), _AT_ONCE):
                    paths = [stamp.path for stamp in asked[start : start + _AT_ONCE]]
                    marks = ",".join("?" * len(paths))
                    query = f"SELECT * FROM files WHERE path IN ({marks})"
                    for *stamp, digest in database.execute(query, paths):
                        known[tuple(stamp)] = digest
        except (sqlite3.Error, OSError) as error:
            self._start_anew(error)
            return [None] * len(stamps)
        found = [None if stamp is None else known.get(stamp) for stamp in stamps]
        return [one if isinstance(one, bytes) and len(one) == 32 else None for one in found]

    def remember(self, known: Iterable[tuple[Stamp, bytes]]) -> None:
        """Note digests of files which have been unchanged for a while."""
        before = time.time_ns() - _SETTLED_NS
        rows = [(*stamp, digest) for stamp, digest in known if stamp.mtime_ns < before]
        if not rows:
            return
        try:
            with closing(self._connect()) as database, database:
                database.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?)", rows)
        except (sqlite3.Error, OSError) as error:
            self._start_anew(error)

    def _connect(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(self.path, timeout=10)
        try:
            database.execute("PRAGMA synchronous = OFF")  # lost with the power, no harm done
            database.execute(
                "CREATE TABLE IF NOT EXISTS files (path BLOB PRIMARY KEY, size INTEGER,"
                " mtime INTEGER, ctime INTEGER, sha256 BLOB) WITHOUT ROWID"
            )
        except sqlite3.Error:
            database.close()
            raise
        return database

    def _start_anew(self, error: Exception) -> None:
        # OperationalError means locked, read-only or full: the file itself is sound.
        if isinstance(error, sqlite3.DatabaseError) and not isinstance(
            error, sqlite3.OperationalError
        ):
            with suppress(OSError):
                self.path.unlink()
