"""Garbage collection of a store that other processes may read and write at the same time.

A file is removed only after all its rows are in a shard that the same call has written and synced.
Several processes may therefore collect at once and be killed at any point without losing a row; at
worst a row is duplicated. Files younger than a minimum age, by the clock of the file system, are
left alone, since another process may still be writing them. If a writer pauses for longer than this
between the two files of a shard, its images are computed again.
"""

import tempfile
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from os import PathLike, fstat
from pathlib import Path

import numpy as np

from ..utils import report_os_errors
from .integrity import find_damage
from .row_index import RowIndex
from .shards import Shard, read_failures, read_shard, write_failures, write_shard
from .store_listing import StoredRecipe, list_recipes

AGE_SECONDS = 3600.0
_SHARD_BYTES = 64_000_000


@dataclass
class GCReport:
    """Result of garbage collection.

    Attributes
    ----------
    leftovers : int
        Number of deleted files of crashed runs.
    merged : int
        Number of small or overlapping shards that were merged.
    written : int
        Number of shards that replaced them.
    duplicates : int
        Number of deleted duplicate rows.
    damaged : tuple of pathlib.Path
        Shards and failure lists with a wrong checksum: deleted with `drop_damaged`, otherwise kept.
    freed : int
        Freed disk space in bytes.
    """

    leftovers: int = 0
    merged: int = 0
    written: int = 0
    duplicates: int = 0
    damaged: tuple[Path, ...] = ()
    freed: int = 0


def collect_garbage(
    root: str | PathLike[str],
    prefix: str = "",
    *,
    age: float = AGE_SECONDS,
    drop_damaged: bool = False,
    shard_bytes: int = _SHARD_BYTES,
) -> GCReport:
    """Delete leftovers of crashed runs, duplicate rows and, optionally, damaged shards.

    Parameters
    ----------
    root : path
    prefix : str
        Process only recipes whose digest starts with this.
    age : float, default=3600
        Minimum age of a file in seconds; younger files are left alone.
    drop_damaged : bool, default=False
        Delete shards whose bytes have changed; the vectors of their images are computed again when
        they are needed.
    shard_bytes : int
        Maximum size of a merged shard.

    Returns
    -------
    GCReport

    Raises
    ------
    FeatureError
        If the store cannot be read or written, or was written by a newer catnocat.
    """
    report = GCReport()
    with report_os_errors(f"clean the feature store {root}"):
        for stored in list_recipes(root):
            if stored.digest.startswith(prefix):
                # A file vanished: another process is collecting here and completes the work.
                with suppress(FileNotFoundError):
                    _RecipeCollector(stored, age, shard_bytes, report).run(drop_damaged)
    return report


class _RecipeCollector:
    """Garbage collection in the folder of one recipe."""

    def __init__(
        self, stored: StoredRecipe, age: float, shard_bytes: int, report: GCReport
    ) -> None:
        self.folder = stored.folder
        self.shard_bytes = shard_bytes
        self.report = report
        with closing(tempfile.TemporaryFile(dir=self.folder, suffix=".part")) as file:
            self.before = fstat(file.fileno()).st_mtime - age
        self.damaged: list[Path] = []

    def run(self, drop_damaged: bool) -> None:
        self._merge_shards()
        self._merge_failures()
        if drop_damaged:
            self._remove(self.damaged)
            self._remove(path.with_suffix(".npy") for path in self.damaged)
        self.report.damaged += tuple(self.damaged)
        self._remove_leftovers()

    def _merge_shards(self) -> None:
        """Merge shards that are small or have rows in common."""
        shards, digests = self._old_shards()
        all_digests = np.concatenate(digests) if digests else np.empty((0, 32), np.uint8)
        index = RowIndex(all_digests)
        first = index.find(all_digests) == np.arange(len(all_digests))
        starts = np.cumsum([0, *(shard.rows for shard in shards)])
        # A shard takes part if it holds any copy of a repeated row, including the first.
        repeated = RowIndex(all_digests[~first])
        shared = repeated.find(all_digests) >= 0
        chosen = []
        for position, shard in enumerate(shards):
            rows = slice(starts[position], starts[position + 1])
            small = 2 * shard.rows * shard.dimension * 4 < self.shard_bytes
            if small or shared[rows].any():
                chosen.append((shard, all_digests[rows], first[rows]))
        if len(chosen) < 2:
            return
        self._write(chosen)
        self.report.merged += len(chosen)
        self.report.duplicates += int((~first).sum())
        self._remove(shard.index for shard, _, _ in chosen)  # first: without it no shard exists
        self._remove(shard.path for shard, _, _ in chosen)

    def _old_shards(self) -> tuple[list[Shard], list[np.ndarray]]:
        shards, digests = [], []
        for path in sorted(self.folder.glob("*.idx")):
            if not self._is_old(path):
                continue
            entry = read_shard(path)
            if entry is None or find_damage(entry[0]):  # merging would give it a valid checksum
                self.damaged.append(path)
            else:
                shards.append(entry[0])
                digests.append(entry[1])
        return shards, digests

    def _write(self, chosen: list[tuple[Shard, np.ndarray, np.ndarray]]) -> None:
        """Write the first copy of each row of the chosen shards, in order, into full shards."""
        limit = max(1, self.shard_bytes // (4 * chosen[0][0].dimension))
        digests: list[np.ndarray] = []
        vectors: list[np.ndarray] = []
        waiting = 0
        for shard, shard_digests, first in chosen:
            rows = shard.load()
            remaining = np.flatnonzero(first)
            while len(remaining):
                chunk, remaining = remaining[: limit - waiting], remaining[limit - waiting :]
                digests.append(shard_digests[chunk])
                vectors.append(rows[chunk])
                waiting += len(chunk)
                if waiting == limit:
                    self._write_shard(digests, vectors)
                    digests, vectors, waiting = [], [], 0
        if waiting:
            self._write_shard(digests, vectors)

    def _write_shard(self, digests: list[np.ndarray], vectors: list[np.ndarray]) -> None:
        shard = write_shard(self.folder, np.concatenate(digests), np.concatenate(vectors))
        self.report.written += 1
        self.report.freed -= shard.path.stat().st_size + shard.index.stat().st_size

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
                self.report.leftovers += 1

    def _remove(self, paths: Iterable[Path]) -> None:
        for path in paths:
            try:
                size = path.stat().st_size
                path.unlink()
            except FileNotFoundError:  # removed by another process
                continue
            self.report.freed += size

    def _is_old(self, path: Path) -> bool:
        try:
            return path.stat().st_mtime <= self.before
        except FileNotFoundError:
            return False
