"""What is known of one list of pictures while their vectors are had."""

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
    """The digests of some pictures, and what keeps the others from having one.

    Parameters
    ----------
    paths : sequence of str or path
    store : FeatureStore
    retry_failed : bool
        Forget that pictures could not be read before.

    Attributes
    ----------
    missing : numpy.ndarray
        Numbers of the pictures to be opened: each content once, as far as it is known.
    computed : int
        How many vectors are new.

    Notes
    -----
    A picture costs 33 bytes here, 41 while it is missing, besides its path.
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
        self._stamps: dict[int, Stamp] = {}  # of what is being read
        self._news: list[tuple[Stamp, bytes]] = []
        for start in range(0, len(paths), _BLOCK):
            self._look_up(range(start, min(start + _BLOCK, len(paths))))
        self.missing = self._missing()

    def todo(self) -> "Todo":
        """Give the missing pictures as numbered paths."""
        return Todo(self)

    def carry_out(self, batches: Generator[Batch], progress: Progress | None = None) -> None:
        """Note what becomes of the missing pictures; nothing is asked for when none is missing.

        Parameters
        ----------
        batches : generator of Batch
            Does the work when asked, and stops it when closed.
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
                self._take(batch)
                done += batch.size
                if progress is not None:
                    progress(done, total)
        finally:
            batches.close()
            self._remember()

    def _take(self, batch: Batch) -> None:
        """Note what became of some of the missing pictures."""
        for number, digest in batch.read:
            self.digests[number] = np.frombuffer(digest, np.uint8)
            self.hashed[number] = True
            if stamp := self._stamps.pop(number, None):
                self._news.append((stamp, digest))
        for number, error in batch.errors:
            self._reasons[number] = error.reason
            self._stamps.pop(number, None)
        self.computed += len(batch.digests)
        if len(self._news) >= _BLOCK:
            self._remember()

    def _remember(self) -> None:
        """Let the cache know which file has which digest."""
        self._cache.remember(self._news)
        self._news = []

    def found(self) -> np.ndarray:
        """Say which pictures have a vector: bool (n,)."""
        found = self.hashed.copy()
        found[found] = self.store.has(self.digests[found])
        return found

    def unexplained(self) -> np.ndarray:
        """Give the numbers of the pictures that have neither a vector nor a reason."""
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

    def skipped(self, found: np.ndarray, untold: str = "") -> tuple[tuple[str, str], ...]:
        """Give path and reason, `untold` if there is none, of each picture that was not found."""
        return tuple(
            (fspath(self.paths[number]), self._reason(number, untold))
            for number in np.flatnonzero(~found).tolist()
        )

    def _reason(self, number: int, untold: str) -> str:
        if number in self._reasons:
            return self._reasons[number]
        return self.store.failures.get(self.digests[number].tobytes(), untold)

    def _look_up(self, numbers: range) -> None:
        stamps = [take_stamp(self.paths[number]) for number in numbers]
        known = self._cache.lookup(stamps)
        hashed = np.array([digest is not None for digest in known])
        self.hashed[numbers.start : numbers.stop] = hashed
        self.digests[numbers.start : numbers.stop][hashed] = as_array(list(filter(None, known)))
        for number, stamp in zip(numbers, stamps, strict=True):
            if stamp is None:  # so that a missing file does not cost the loading of a network
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
        once = rest[np.unique(contents, return_index=True)[1]]
        return np.sort(np.concatenate([np.flatnonzero(unknown), once]))


class Todo(Sequence[tuple[int, str]]):
    """The missing pictures of a job, as numbered paths that are made when asked for.

    What is asked for is about to be read: its stamp is taken.
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
        """Give one numbered path, or those of a slice."""
        if isinstance(place, slice):
            return [self._give(number) for number in self._job.missing[place].tolist()]
        return self._give(int(self._job.missing[place]))

    def __iter__(self) -> Iterator[tuple[int, str]]:
        """Give one numbered path after the other."""
        return (self[place] for place in range(len(self)))

    def _give(self, number: int) -> tuple[int, str]:
        path = fspath(self._job.paths[number])
        stamp = take_stamp(path)
        if stamp is None:
            return number, path
        self._job._stamps[number] = stamp
        return number, fsdecode(stamp.path)  # absolute: a worker starts from another folder
