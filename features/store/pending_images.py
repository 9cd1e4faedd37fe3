"""Images whose vectors a store lacks, and the results of computing them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from os import PathLike, fsdecode, fspath
from types import TracebackType
from typing import Self, overload

import numpy as np

from ..preprocessing import content_digest, open_image
from ..utils import DigestCache, Progress, Stamp, UnreadableImage, take_stamp
from .feature_store import FeatureStore
from .row_index import DIGEST_BYTES, as_array

#: Index of an image in the user's list, and its path.
NumberedPath = tuple[int, str]

_BLOCK = 4096


@dataclass
class BatchResult:
    """Results of a batch of images.

    Attributes
    ----------
    size : int
        Number of images.
    read : list of (int, bytes)
        Number and digest of each image whose file could be read.
    errors : list of (int, UnreadableImage)
        Number and error of each image that could not be read or decoded.
    digests : list of bytes
        Digests of the new vectors, in the order of the rows of `vectors`.
    vectors : numpy.ndarray
        float32 (len(digests), recipe.dimension).
    """

    size: int
    read: list[tuple[int, bytes]] = field(default_factory=list)
    errors: list[tuple[int, UnreadableImage]] = field(default_factory=list)
    digests: list[bytes] = field(default_factory=list)
    vectors: np.ndarray = field(default_factory=lambda: np.empty((0, 0), np.float32))


class PendingImages(Sequence[NumberedPath]):
    """Images of a list whose vectors a store lacks, as numbered paths.

    Images with identical content are pending once, as far as their digests are known from earlier
    runs. The paths are created on access: an accessed image is about to be read, so its stamp is
    taken at that time. Use it in a ``with`` statement, at whose end new digests are cached.

    Parameters
    ----------
    paths : sequence of str or path
        All images.
    store : FeatureStore
    retry_failed : bool, default=False
        Include images that could not be read in earlier runs.
    progress : callable, optional
        Called with the number of finished images and the total, also at the start.

    Attributes
    ----------
    digests : numpy.ndarray
        The sha256 of all images: uint8 (n, 32), zeros where it is not known.
    computed : int
        Number of new vectors.

    Notes
    -----
    Memory per image: 33 bytes, 41 while it is pending, and its path.
    """

    def __init__(
        self,
        paths: Sequence[str | PathLike[str]],
        store: FeatureStore,
        retry_failed: bool = False,
        progress: Progress | None = None,
    ) -> None:
        self.paths = paths
        self.store = store
        self.retry_failed = retry_failed
        self.digests = np.zeros((len(paths), DIGEST_BYTES), np.uint8)
        self.computed = 0
        self._hashed = np.zeros(len(paths), bool)
        self._reasons: dict[int, str] = {}
        self._cache = DigestCache()
        self._stamps: dict[int, Stamp] = {}  # of the images being read
        self._new_digests: list[tuple[Stamp, bytes]] = []
        for start in range(0, len(paths), _BLOCK):
            self._look_up(range(start, min(start + _BLOCK, len(paths))))
        self._pending = self._find_pending()
        self._progress = progress
        self._done = len(paths) - len(self._pending)
        self._report_progress()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._cache_digests()

    def __len__(self) -> int:
        """Return the number of images that were pending at the start."""
        return len(self._pending)

    @overload
    def __getitem__(self, place: int) -> NumberedPath: ...
    @overload
    def __getitem__(self, place: slice) -> list[NumberedPath]: ...
    def __getitem__(self, place: int | slice) -> NumberedPath | list[NumberedPath]:
        """Return one numbered path, or those of a slice."""
        if isinstance(place, slice):
            return [self._item(number) for number in self._pending[place].tolist()]
        return self._item(int(self._pending[place]))

    def __iter__(self) -> Iterator[NumberedPath]:
        """Return an iterator over the numbered paths."""
        return (self[place] for place in range(len(self)))

    def record(self, result: BatchResult) -> None:
        """Record the results of a batch."""
        for number, digest in result.read:
            self.digests[number] = np.frombuffer(digest, np.uint8)
            self._hashed[number] = True
            if stamp := self._stamps.pop(number, None):
                self._new_digests.append((stamp, digest))
        for number, error in result.errors:
            self._reasons[number] = error.reason
            self._stamps.pop(number, None)
        self.computed += len(result.digests)
        if len(self._new_digests) >= _BLOCK:
            self._cache_digests()
        self._done += result.size
        self._report_progress()

    def compute_digests(self) -> None:
        """Read the pending images and record their digests, but compute no vectors."""
        for number, path in self:
            result = BatchResult(1)
            try:
                with open_image(path) as content:
                    result.read.append((number, content_digest(content)))
            except UnreadableImage as error:
                result.errors.append((number, error))
            self.record(result)

    def has_vector(self) -> np.ndarray:
        """Return which images have a vector: bool (n,)."""
        has_vector = self._hashed.copy()
        has_vector[has_vector] = self.store.has(self.digests[has_vector])
        return has_vector

    def unexplained(self) -> np.ndarray:
        """Return the indices of the images that have neither a vector nor a reason."""
        refused = {self.digests[number].tobytes() for number in self._reasons}
        return np.array(
            [
                number
                for number in np.flatnonzero(self._hashed & ~self.has_vector()).tolist()
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

    def _item(self, number: int) -> NumberedPath:
        path = fspath(self.paths[number])
        stamp = take_stamp(path)
        if stamp is None:
            return number, path
        self._stamps[number] = stamp
        return number, fsdecode(stamp.path)  # absolute: a worker has another working directory

    def _look_up(self, numbers: range) -> None:
        """Look up cached digests; record missing files without loading a network."""
        stamps = [take_stamp(self.paths[number]) for number in numbers]
        digests = self._cache.lookup(stamps)
        hashed = np.array([digest is not None for digest in digests])
        self._hashed[numbers.start : numbers.stop] = hashed
        self.digests[numbers.start : numbers.stop][hashed] = as_array(list(filter(None, digests)))
        for number, stamp in zip(numbers, stamps, strict=True):
            if stamp is None:
                try:
                    with open_image(self.paths[number]):
                        pass
                except UnreadableImage as error:
                    self._reasons[number] = error.reason

    def _find_pending(self) -> np.ndarray:
        """Return the indices of the images to be read, in ascending order."""
        unknown = ~self._hashed
        unknown[list(self._reasons)] = False
        rest = np.flatnonzero(self._hashed & ~self.has_vector())
        if self.store.failures and not self.retry_failed:
            failed = [self.digests[number].tobytes() in self.store.failures for number in rest]
            rest = rest[~np.array(failed, bool)]
        contents = np.ascontiguousarray(self.digests[rest]).view(f"V{DIGEST_BYTES}").ravel()
        unique = rest[np.unique(contents, return_index=True)[1]]
        return np.sort(np.concatenate([np.flatnonzero(unknown), unique]))

    def _report_progress(self) -> None:
        if self._progress is not None:
            self._progress(self._done, len(self.paths))

    def _cache_digests(self) -> None:
        """Write the digests of the files that were read to the cache."""
        self._cache.remember(self._new_digests)
        self._new_digests = []
