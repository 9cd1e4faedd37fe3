"""Index from image digests to row numbers, with 48 bytes per row."""

from collections.abc import Sequence

import numpy as np

DIGEST_BYTES = 32
_MANY = 16_384

#: The sha256 of images: a sequence of bytes, or a uint8 array (n, 32).
Digests = Sequence[bytes] | np.ndarray


def as_array(digests: Digests) -> np.ndarray:
    """Return digests as a uint8 array (n, 32)."""
    if isinstance(digests, np.ndarray):
        return digests
    return np.frombuffer(b"".join(digests), np.uint8).reshape(-1, DIGEST_BYTES)


class RowIndex:
    """Index that finds the row number of an image digest.

    Threads may search while one of them adds rows.

    Parameters
    ----------
    digests : sequence of bytes, or uint8 (n, 32), optional
        Digests of the rows 0 to n - 1. For duplicate digests, the first row is found.

    Examples
    --------
    >>> index = RowIndex([b"a" * 32, b"b" * 32, b"a" * 32])
    >>> index.find([b"b" * 32, b"a" * 32, b"c" * 32]).tolist(), len(index)
    ([1, 0, -1], 2)
    """

    def __init__(self, digests: Digests = ()) -> None:
        array = as_array(digests)
        self._settled = _sorted(array, np.arange(len(array)))
        self._recent: dict[bytes, int] = {}  # sorting all rows for every shard would be slow

    def __len__(self) -> int:
        """Return the number of different digests."""
        return len(self._settled[0]) + len(self._recent)

    def __contains__(self, digest: object) -> bool:
        return isinstance(digest, bytes) and len(digest) == 32 and bool(self.find([digest])[0] >= 0)

    def add(self, digests: Digests, start: int) -> None:
        """Add rows that are numbered from `start`; known digests keep their row."""
        array = as_array(digests)
        for position in np.flatnonzero(self.find(array) < 0).tolist():
            self._recent.setdefault(array[position].tobytes(), start + position)
        if len(self._recent) > _MANY:
            _, known, rows = self._settled
            recent = np.fromiter(self._recent.values(), np.int64, len(self._recent))
            merged = np.concatenate([known, as_array(list(self._recent))])
            # In this order, so that a thread that searches the recent rows first misses none.
            self._settled = _sorted(merged, np.concatenate([rows, recent]))
            self._recent = {}

    def find(self, digests: Digests) -> np.ndarray:
        """Return the row number of each digest, -1 if it has none: int64 (n,)."""
        queries = as_array(digests)
        result = np.full(len(queries), -1, np.int64)
        if recent := self._recent:
            for position, digest in enumerate(queries):
                result[position] = recent.get(digest.tobytes(), -1)
        heads, known, rows = self._settled
        query_heads = _heads(queries)
        candidates = np.searchsorted(heads, query_heads)
        pending = np.flatnonzero(result < 0)
        while len(pending):  # once, unless two digests share their first eight bytes
            pending = pending[candidates[pending] < len(heads)]
            pending = pending[heads[candidates[pending]] == query_heads[pending]]
            same = (known[candidates[pending]] == queries[pending]).all(axis=1)
            result[pending[same]] = rows[candidates[pending[same]]]
            pending = pending[~same]
            candidates[pending] += 1
        return result


def _heads(digests: np.ndarray) -> np.ndarray:
    """Return the first eight bytes of each digest as a number."""
    return np.ascontiguousarray(digests[:, :8]).view(np.uint64).ravel()


def _sorted(digests: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return heads, digests and rows, sorted by head and without duplicate digests."""
    heads = _heads(digests)
    order = np.argsort(heads, kind="stable")
    heads, digests, rows = heads[order], digests[order], rows[order]
    new = np.ones(len(heads), bool)
    new[1:] = (digests[1:] != digests[:-1]).any(axis=1)
    return (heads, digests, rows) if new.all() else (heads[new], digests[new], rows[new])
