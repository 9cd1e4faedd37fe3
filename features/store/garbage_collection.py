"""Tidying a store up while others may be writing to it and reading from it.

Nothing is removed before all of its rows lie, synced, in a shard that the very same call has
written. So however many tidy up at once, and wherever they are killed, no row is lost; at worst it
stands twice. Files younger than an age are left alone, by the clock of the disk itself: they may
be another's half-done work. Should a writer sleep for longer than that between the two files of a
shard, its pictures are computed again.
"""

import tempfile
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from os import PathLike, fstat
from pathlib import Path

import numpy as np

from ..utils import told_in_one_line
from .integrity import find_damage
from .row_index import RowIndex
from .shards import Shard, read_shard, write_shard
from .store_listing import Stored, recipes_in
from .unreadable_images import read_failures, write_failures

AGE_SECONDS = 3600.0
_SHARD_BYTES = 64_000_000


@dataclass
class Tidied:
    """What tidying up has done.

    Attributes
    ----------
    leftovers : int
        Files of crashed runs that are gone.
    merged : int
        Small or overlapping shards that were written anew as fewer.
    written : int
        Shards that took their place.
    duplicates : int
        Rows that stood twice.
    damaged : tuple of pathlib.Path
        Shards and lists of failures that do not stand their check: gone if that was asked for,
        else left as they are.
    freed : int
        Bytes.
    """

    leftovers: int = 0
    merged: int = 0
    written: int = 0
    duplicates: int = 0
    damaged: tuple[Path, ...] = ()
    freed: int = 0


def tidy_store(
    root: str | PathLike[str],
    prefix: str = "",
    *,
    age: float = AGE_SECONDS,
    drop_damaged: bool = False,
    shard_bytes: int = _SHARD_BYTES,
) -> Tidied:
    """Remove what crashed runs left, rows that stand twice and, if asked to, what is damaged.

    Parameters
    ----------
    root : path
    prefix : str
        Touch only recipes whose digest begins so.
    age : float, default=3600
        Files younger than so many seconds are left alone.
    drop_damaged : bool, default=False
        Remove shards whose bytes have changed; their pictures will be computed again.
    shard_bytes : int
        How large a shard may become.

    Returns
    -------
    Tidied

    Raises
    ------
    FeatureError
        When the store cannot be read or written, or is of a newer catnocat.
    """
    done = Tidied()
    with told_in_one_line(f"tidy up the feature store {root}"):
        for stored in recipes_in(root):
            if stored.digest.startswith(prefix):
                # Gone under our hands: another one tidies up here, and does what is left to do.
                with suppress(FileNotFoundError):
                    _Tidying(stored, age, shard_bytes, done).run(drop_damaged)
    return done


class _Tidying:
    """One recipe's folder being tidied up."""

    def __init__(self, stored: Stored, age: float, shard_bytes: int, done: Tidied) -> None:
        self.folder = stored.folder
        self.shard_bytes = shard_bytes
        self.done = done
        with closing(tempfile.TemporaryFile(dir=self.folder, suffix=".part")) as file:
            self.before = fstat(file.fileno()).st_mtime - age
        self.damaged: list[Path] = []

    def run(self, drop_damaged: bool) -> None:
        self._merge_shards()
        self._merge_failures()
        if drop_damaged:
            self._remove(self.damaged)
            self._remove(path.with_suffix(".npy") for path in self.damaged)
        self.done.damaged += tuple(self.damaged)
        self._remove_leftovers()

    def _merge_shards(self) -> None:
        """Write shards anew that are small or share rows with others."""
        shards, digests = self._old_shards()
        together = np.concatenate(digests) if digests else np.empty((0, 32), np.uint8)
        index = RowIndex(together)
        first = index.find(together) == np.arange(len(together))
        starts = np.cumsum([0, *(shard.rows for shard in shards)])
        # The shards that any repeated row stands in, wherever it stands first.
        repeated = RowIndex(together[~first])
        shared = repeated.find(together) >= 0
        chosen = []
        for place, shard in enumerate(shards):
            rows = slice(starts[place], starts[place + 1])
            small = 2 * shard.rows * shard.dimension * 4 < self.shard_bytes
            if small or shared[rows].any():
                chosen.append((shard, together[rows], first[rows]))
        if len(chosen) < 2:
            return
        self._write(chosen)
        self.done.merged += len(chosen)
        self.done.duplicates += int((~first).sum())
        self._remove(shard.index for shard, _, _ in chosen)  # first: then it does not exist
        self._remove(shard.path for shard, _, _ in chosen)

    def _old_shards(self) -> tuple[list[Shard], list[np.ndarray]]:
        shards, digests = [], []
        for path in sorted(self.folder.glob("*.idx")):
            if not self._is_old(path):
                continue
            found = read_shard(path)
            if found is None or find_damage(found[0]):  # or it would get a checksum that fits
                self.damaged.append(path)
            else:
                shards.append(found[0])
                digests.append(found[1])
        return shards, digests

    def _write(self, chosen: list[tuple[Shard, np.ndarray, np.ndarray]]) -> None:
        """Write each first row of the chosen shards, in their order, into full shards."""
        limit = max(1, self.shard_bytes // (4 * chosen[0][0].dimension))
        digests: list[np.ndarray] = []
        vectors: list[np.ndarray] = []
        waiting = 0
        for shard, names, first in chosen:
            rows = shard.load()
            wanted = np.flatnonzero(first)
            while len(wanted):
                some, wanted = wanted[: limit - waiting], wanted[limit - waiting :]
                digests.append(names[some])
                vectors.append(rows[some])
                waiting += len(some)
                if waiting == limit:
                    self._write_shard(digests, vectors)
                    digests, vectors, waiting = [], [], 0
        if waiting:
            self._write_shard(digests, vectors)

    def _write_shard(self, digests: list[np.ndarray], vectors: list[np.ndarray]) -> None:
        shard = write_shard(self.folder, np.concatenate(digests), np.concatenate(vectors))
        self.done.written += 1
        self.done.freed -= shard.path.stat().st_size + shard.index.stat().st_size

    def _merge_failures(self) -> None:
        known: dict[bytes, str] = {}
        merged = []
        for path in sorted(self.folder.glob("*.bad")):
            failures = read_failures(path)
            if failures is None:
                self.damaged.append(path)
            elif self._is_old(path):
                known.update(failures)
                merged.append(path)
        if len(merged) > 1:
            written = write_failures(self.folder, known)
            self._remove(path for path in merged if path != written)

    def _remove_leftovers(self) -> None:
        for path in sorted(self.folder.iterdir()):
            orphan = path.suffix == ".npy" and not path.with_suffix(".idx").exists()
            if (orphan or path.suffix == ".part") and self._is_old(path):
                self._remove([path])
                self.done.leftovers += 1

    def _remove(self, paths: Iterable[Path]) -> None:
        for path in paths:
            try:
                size = path.stat().st_size
                path.unlink()
            except FileNotFoundError:  # another one tidies up too
                continue
            self.done.freed += size

    def _is_old(self, path: Path) -> bool:
        try:
            return path.stat().st_mtime <= self.before
        except FileNotFoundError:
            return False
