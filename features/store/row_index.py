"""Which row belongs to which picture, in 48 bytes a row, so that a million rows are no burden."""

from collections.abc import Sequence

import numpy as np

DIGEST_BYTES = 32
_MANY = 16_384

#: The sha256 of pictures: one by one, or as the rows of a uint8 (n, 32).
Digests = Sequence[bytes] | np.ndarray


def as_array(digests: Digests) -> np.ndarray:
    """Give digests as a uint8 (n, 32)."""
    if isinstance(digests, np.ndarray):
        return digests
    return np.frombuffer(b"".join(digests), np.uint8).reshape(-1, DIGEST_BYTES)


class RowIndex:
    """Finds the number of a row by the digest of its picture.

    Threads may ask while one of them adds.

    Parameters
    ----------
    digests : sequence of bytes, or uint8 (n, 32), optional
        Of the rows 0 to n - 1. Of rows that share a digest, the first is found.

    Examples
    --------
    >>> index = RowIndex([b"a" * 32, b"b" * 32, b"a" * 32])
    >>> index.find([b"b" * 32, b"a" * 32, b"c" * 32]).tolist(), len(index)
    ([1, 0, -1], 2)
    """

    def __init__(self, digests: Digests = ()) -> None:
        array = as_array(digests)
        self._settled = _sorted(array, np.arange(len(array)))
        self._recent: dict[bytes, int] = {}  # sorting all anew for every shard would be slow

    def __len__(self) -> int:
        """Give the number of different digests."""
        return len(self._settled[0]) + len(self._recent)

    def __contains__(self, digest: object) -> bool:
        return isinstance(digest, bytes) and len(digest) == 32 and bool(self.find([digest])[0] >= 0)

    def add(self, digests: Digests, start: int) -> None:
        """Take rows that are numbered from `start`; known digests keep the row they have."""
        array = as_array(digests)
        for place in np.flatnonzero(self.find(array) < 0).tolist():
            self._recent.setdefault(array[place].tobytes(), start + place)
        if len(self._recent) > _MANY:
            _, known, rows = self._settled
            recent = np.fromiter(self._recent.values(), np.int64, len(self._recent))
            everything = np.concatenate([known, as_array(list(self._recent))])
            # In this order: who looks at the recent ones first misses none.
            self._settled = _sorted(everything, np.concatenate([rows, recent]))
            self._recent = {}

    def find(self, digests: Digests) -> np.ndarray:
        """Give the number of each digest's row, -1 where there is none: int64 (n,)."""
        wanted = as_array(digests)
        found = np.full(len(wanted), -1, np.int64)
        if recent := self._recent:
            for place, digest in enumerate(wanted):
                found[place] = recent.get(digest.tobytes(), -1)
        heads, known, rows = self._settled
        sought = _heads(wanted)
        places = np.searchsorted(heads, sought)
        open_ = np.flatnonzero(found < 0)
        while len(open_):  # once, unless two digests begin with the same eight bytes
            open_ = open_[places[open_] < len(heads)]
            open_ = open_[heads[places[open_]] == sought[open_]]
            same = (known[places[open_]] == wanted[open_]).all(axis=1)
            found[open_[same]] = rows[places[open_[same]]]
            open_ = open_[~same]
            places[open_] += 1
        return found


def _heads(digests: np.ndarray) -> np.ndarray:
    """Give the first eight bytes of each digest as a number."""
    return np.ascontiguousarray(digests[:, :8]).view(np.uint64).ravel()


def _sorted(digests: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give heads, digests and rows in the order of the heads, each digest once."""
    heads = _heads(digests)
    order = np.argsort(heads, kind="stable")
    heads, digests, rows = heads[order], digests[order], rows[order]
    new = np.ones(len(heads), bool)
    new[1:] = (digests[1:] != digests[:-1]).any(axis=1)
    return (heads, digests, rows) if new.all() else (heads[new], digests[new], rows[new])
