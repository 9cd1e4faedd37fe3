"""Rows on their way into a store."""

import time
from types import TracebackType
from typing import Self

import numpy as np

from ..utils import FeatureError
from .feature_store import FeatureStore
from .row_index import Digests, as_array

SHARD_ROWS = 1024


class ShardWriter:
    """Gathers rows and adds them to a store shard by shard.

    Parameters
    ----------
    store : FeatureStore
    rows : int, default=1024
        A shard is written when so many rows have come,
    seconds : float, default=20
        or when so much time has passed: what a kill may cost.
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
        # After Ctrl-C too: what was computed is kept. After a full disk it would only fail again.
        if not isinstance(error, FeatureError):
            self.flush()

    def add(self, digests: Digests, vectors: np.ndarray, failures: dict[bytes, str]) -> bool:
        """Take rows and pictures that cannot be read; say whether a shard was written."""
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
        """Write what has been gathered."""
        digests, vectors, failures = self._digests, self._vectors, self._failures
        self._digests, self._vectors, self._failures, self._waiting = [], [], {}, 0
        if digests:
            self.store.write(np.concatenate(digests), np.concatenate(vectors))
        if failures:
            self.store.write_failures(failures)
        self._written = time.monotonic()
