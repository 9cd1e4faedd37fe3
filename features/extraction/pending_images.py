"""Digests and failures of a list of images while their vectors are computed."""

from collections.abc import Generator, Iterator, Sequence
from os import PathLike, fsdecode, fspath
from typing import overload

import numpy as np

from ..preprocessing import read_file
from ..store import DIGEST_BYTES, FeatureStore, as_array
from ..utils import DigestCache, Progress, Stamp, UnreadableImage, take_stamp
from .pipeline import Batch

_BLOCK = 4096


class Job:
    """Digests of a list of images, and the reasons why others have none.

    Parameters
    ----------
    paths : sequence of str or path
    store : FeatureStore
    retry_failed : bool
        Ignore failures of earlier runs.

    Attributes
    ----------
    missing : numpy.ndarray
        Indices of the images to be opened; images with identical content are listed once, as far as
        the digests are known.
    computed : int
        Number of new vectors.

    Notes
    -----
    Memory per image: 33 bytes, 41 while it is missing, and its path.
    """

    def __init__(
        self, paths: Sequence[str | PathLike[str]], store: FeatureStore, retry_failed: bool = False
    ) -> None:
        self.paths = paths
        self.store = store
        self.retry_failed = retry_failed
        self.computed = 0
        self.digests = np.zeros((len(paths), DIGEST_BYTES), np.uint8)
        self.hashed = np.zeros(len(paths), bool)
        self._reasons: dict[int, str] = {}
        self._cache = DigestCache()
        self._stamps: dict[int, Stamp] = {}  # of the images being read
        self._new_digests: list[tuple[Stamp, bytes]] = []
        for start in range(0, len(paths), _BLOCK):
            self._look_up(range(start, min(start + _BLOCK, len(paths))))
        self.missing = self._missing()

    def todo(self) -> "Todo":
        """Return the missing images as numbered paths."""
        return Todo(self)

    def carry_out(self, batches: Generator[Batch], progress: Progress | None = None) -> None:
        """Record the results of the missing images; request no batch if none is missing.

        Parameters
        ----------
        batches : generator of Batch
            Computes a batch when it is requested, and stops when it is closed.
        progress : callable, optional
        """
        total = len(self.paths)
        done = total - len(self.missing)
        if progress is not None:
            progress(done, total)
        if not len(self.missing):
            return
        try:
            for batch in batches:
                self._record(batch)
                done += batch.size
                if progress is not None:
                    progress(done, total)
        finally:
            batches.close()
            self._remember()

    def _record(self, batch: Batch) -> None:
        """Record the results of some of the missing images."""
        for number, digest in batch.read:
            self.digests[number] = np.frombuffer(digest, np.uint8)
            self.hashed[number] = True
            if stamp := self._stamps.pop(number, None):
                self._new_digests.append((stamp, digest))
        for number, error in batch.errors:
            self._reasons[number] = error.reason
            self._stamps.pop(number, None)
        self.computed += len(batch.digests)
        if len(self._new_digests) >= _BLOCK:
            self._remember()

    def _remember(self) -> None:
        """Write the digests of the files that were read to the cache."""
        self._cache.remember(self._new_digests)
        self._new_digests = []

    def found(self) -> np.ndarray:
        """Return which images have a vector: bool (n,)."""
        has_vector = self.hashed.copy()
        has_vector[has_vector] = self.store.has(self.digests[has_vector])
        return has_vector

    def unexplained(self) -> np.ndarray:
        """Return the indices of the images that have neither a vector nor a reason."""
        refused = {self.digests[number].tobytes() for number in self._reasons}
        return np.array(
            [
                number
                for number in np.flatnonzero(self.hashed & ~self.found()).tolist()
                if number not in self._reasons
                and (digest := self.digests[number].tobytes()) not in self.store.failures
                and digest not in refused
            ],
            np.int64,
        )

    def skipped(
        self, has_vector: np.ndarray, default_reason: str = ""
    ) -> tuple[tuple[str, str], ...]:
        """Return path and reason of each image without a vector."""
        return tuple(
            (fspath(self.paths[number]), self._reason(number, default_reason))
            for number in np.flatnonzero(~has_vector).tolist()
        )

    def _reason(self, number: int, default_reason: str) -> str:
        if number in self._reasons:
            return self._reasons[number]
        return self.store.failures.get(self.digests[number].tobytes(), default_reason)

    def _look_up(self, numbers: range) -> None:
        stamps = [take_stamp(self.paths[number]) for number in numbers]
        known = self._cache.lookup(stamps)
        hashed = np.array([digest is not None for digest in known])
        self.hashed[numbers.start : numbers.stop] = hashed
        self.digests[numbers.start : numbers.stop][hashed] = as_array(list(filter(None, known)))
        for number, stamp in zip(numbers, stamps, strict=True):
            if stamp is None:  # report a missing file without loading a network
                try:
                    read_file(self.paths[number])
                except UnreadableImage as error:
                    self._reasons[number] = error.reason

    def _missing(self) -> np.ndarray:
        unknown = ~self.hashed
        unknown[list(self._reasons)] = False
        rest = np.flatnonzero(self.hashed & ~self.found())
        if self.store.failures and not self.retry_failed:
            failed = [self.digests[number].tobytes() in self.store.failures for number in rest]
            rest = rest[~np.array(failed, bool)]
        contents = np.ascontiguousarray(self.digests[rest]).view(f"V{DIGEST_BYTES}").ravel()
        unique = rest[np.unique(contents, return_index=True)[1]]
        return np.sort(np.concatenate([np.flatnonzero(unknown), unique]))


class Todo(Sequence[tuple[int, str]]):
    """Missing images of a job, as numbered paths that are created on access.

    An accessed image is about to be read, so its stamp is taken at that time.
    """

    def __init__(self, job: Job) -> None:
        self._job = job

    def __len__(self) -> int:
        return len(self._job.missing)

    @overload
    def __getitem__(self, place: int) -> tuple[int, str]: ...
    @overload
    def __getitem__(self, place: slice) -> list[tuple[int, str]]: ...
    def __getitem__(self, place: int | slice) -> tuple[int, str] | list[tuple[int, str]]:
        """Return one numbered path, or those of a slice."""
        if isinstance(place, slice):
            return [self._item(number) for number in self._job.missing[place].tolist()]
        return self._item(int(self._job.missing[place]))

    def __iter__(self) -> Iterator[tuple[int, str]]:
        """Return an iterator over the numbered paths."""
        return (self[place] for place in range(len(self)))

    def _item(self, number: int) -> tuple[int, str]:
        path = fspath(self._job.paths[number])
        stamp = take_stamp(path)
        if stamp is None:
            return number, path
        self._job._stamps[number] = stamp
        return number, fsdecode(stamp.path)  # absolute: a worker has another working directory
