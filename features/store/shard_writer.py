"""Collect rows and write them to a store in shards."""

import time
from types import TracebackType
from typing import Self

import numpy as np

from ..utils import FeatureError
from .feature_store import FeatureStore
from .row_index import Digests, as_array

SHARD_ROWS = 1024


class ShardWriter:
    """Writer that collects rows and adds them to a store shard by shard.

    Parameters
    ----------
    store : FeatureStore
    rows : int, default=1024
        Number of rows after which a shard is written.
    seconds : float, default=20
        Time after which a shard is written even if it has fewer rows. It limits what a killed
        process can lose.
    """

    def __init__(self, store: FeatureStore, rows: int = SHARD_ROWS, seconds: float = 20.0) -> None:
        self.store = store
        self.rows = rows
        self.seconds = seconds
        self._digests: list[np.ndarray] = []
        self._vectors: list[np.ndarray] = []
        self._failures: dict[bytes, str] = {}
        self._waiting = 0
        self._written = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Keep computed rows after Ctrl-C; after a write error, writing would only fail again.
        if not isinstance(error, FeatureError):
            self.flush()

    def add(self, digests: Digests, vectors: np.ndarray, failures: dict[bytes, str]) -> bool:
        """Add rows and failures; return whether a shard was written."""
        if len(digests):
            self._digests.append(as_array(digests))
            self._vectors.append(vectors)
            self._waiting += len(digests)
        self._failures.update(failures)
        late = time.monotonic() - self._written > self.seconds
        if full := late or self._waiting >= self.rows:
            self.flush()
        return full

    def flush(self) -> None:
        """Write all collected rows and failures."""
        digests, vectors, failures = self._digests, self._vectors, self._failures
        self._digests, self._vectors, self._failures, self._waiting = [], [], {}, 0
        if digests:
            self.store.write(np.concatenate(digests), np.concatenate(vectors))
        if failures:
            self.store.write_failures(failures)
        self._written = time.monotonic()
