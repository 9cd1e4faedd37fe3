"""Store of feature vectors, keyed by image content: on disk, or in memory for a single run.

``<root>/<backbone>-<digest>/recipe.json`` describes how the vectors in the same folder were made.
The vectors are in immutable shards (see ``shards.py``). There are no locks: any number of
processes, on one or several machines, may add shards at once; duplicate rows are harmless.
"""

import tempfile
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from ..utils import FeatureError, atomic_write, report_os_errors
from .recipe import Recipe
from .row_index import Digests, RowIndex, as_array
from .shards import Shard, read_failures, read_shard, write_failures, write_shard

#: Rows that are written at once by default.
SHARD_ROWS = 1024

_BLOCK = 1024  # rows that are copied at once, independent of the size of a shard
_READERS = 4  # first use of new memory costs more than reading, so several threads share it

_MAX_RELOADS = 20  # during one read, if garbage collection keeps replacing shards


class FeatureStore:
    """Feature store of one recipe.

    Opening a store reads the digests of its images, but not their vectors.

    Parameters
    ----------
    root : path
        Created when the first row is written.
    recipe : Recipe

    Attributes
    ----------
    folder : pathlib.Path
        The recipe's folder below `root`.
    failures : dict of bytes to str
        Digests of images that cannot be read, with the reason.

    Examples
    --------
    >>> import hashlib, tempfile
    >>> import numpy as np
    >>> from catnocat.features import FeatureStore, plan_recipe
    >>> digest = hashlib.sha256(b"an image").digest()
    >>> with tempfile.TemporaryDirectory() as root:
    ...     FeatureStore(root, plan_recipe()).write([digest], np.ones((1, 1280)))
    ...     store = FeatureStore(root, plan_recipe())
    ...     digest in store, store.read([digest, digest]).shape
    (True, (2, 1280))
    """

    def __init__(self, root: str | PathLike[str], recipe: Recipe) -> None:
        self.recipe = recipe
        self.folder = Path(root) / recipe.folder
        self.failures: dict[bytes, str] = {}
        self.reload()

    def __len__(self) -> int:
        """Return the number of images that have a vector."""
        return len(self._index)

    def __contains__(self, digest: object) -> bool:
        return digest in self._index

    def reload(self) -> None:
        """Read the index again, to see what other processes have written or merged."""
        with report_os_errors(f"read the feature store {self.folder}"):
            paths = self._list()
            self._open(paths)
            # Vanished files were rewritten under another name, see `collect_garbage`.
            while not set(paths) <= set(now := self._list()):
                paths = now
                self._open(paths)

    def _list(self) -> list[Path]:
        return sorted(self.folder.iterdir()) if self.folder.is_dir() else []

    def _open(self, paths: list[Path]) -> None:
        self._shards: list[Shard] = []
        self._starts = [0]
        digests = []
        for path in paths:
            with suppress(FileNotFoundError):
                if path.suffix == ".idx":
                    entry = read_shard(path)
                    if entry is not None and entry[0].dimension == self.recipe.dimension:
                        self._append(entry[0])
                        digests.append(entry[1])
                elif path.suffix == ".bad":
                    self.failures.update(read_failures(path) or {})
        self._index = RowIndex(np.concatenate(digests) if digests else ())

    def has(self, digests: Digests) -> np.ndarray:
        """Return which images have a vector: bool (n,)."""
        return self._index.find(digests) >= 0

    def read(self, digests: Digests) -> np.ndarray:
        """Read the vectors of images, in the given order.

        Parameters
        ----------
        digests : sequence of bytes, or uint8 (n, 32)
            The sha256 of each image; all of them must be in the store.

        Returns
        -------
        numpy.ndarray
            float32 (n, recipe.dimension). No other large memory is allocated.

        Notes
        -----
        A shard whose size does not match its index is ignored. Changed bytes are not detected here;
        ``catnocat store verify`` checks for them.
        """
        with report_os_errors(f"read the feature store {self.folder}"):
            for _ in range(_MAX_RELOADS):
                with suppress(FileNotFoundError):  # merged meanwhile: rows are in another shard
                    return self._read(digests)
                self.reload()
            return self._read(digests)

    def write(self, digests: Digests, vectors: np.ndarray) -> None:
        """Write a shard. After this returns, neither a crash nor a power cut loses it.

        Parameters
        ----------
        digests : sequence of bytes, or uint8 (n, 32)
        vectors : numpy.ndarray
            Float (n, recipe.dimension).
        """
        if vectors.shape != (len(digests), self.recipe.dimension):
            raise ValueError(
                f"{len(digests)} images of {self.recipe.dimension} numbers do not"
                f" match an array of shape {vectors.shape}"
            )
        with self._writing():
            start = self._append(write_shard(self.folder, digests, vectors))
        self._index.add(digests, start)

    def write_failures(self, failures: dict[bytes, str]) -> None:
        """Store which images cannot be read, so that they are not tried again."""
        with self._writing():
            write_failures(self.folder, failures)
        self.failures.update(failures)

    def buffered_writer(self, rows: int = SHARD_ROWS) -> "BufferedWriter":
        """Return a writer that collects rows, for a ``with`` statement."""
        return BufferedWriter(self, rows)

    def check_writable(self) -> None:
        """Raise the FeatureError that writing would raise, before a long computation."""
        with self._writing(), tempfile.TemporaryFile(dir=self.folder, suffix=".part"):
            pass

    def repair_description(self) -> None:
        """Write ``recipe.json`` again if it is damaged and the store is writable."""
        if self.folder.is_dir():
            with suppress(OSError):
                self._describe()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with report_os_errors(f"write to the feature store {self.folder}"):
            self._describe()
            yield

    def _describe(self) -> None:
        path, text = self.folder / "recipe.json", self.recipe.to_json().encode()
        if not path.exists() or path.read_bytes() != text:
            self.folder.mkdir(parents=True, exist_ok=True)
            with atomic_write(path) as file:
                file.write(text)

    def _append(self, shard: Shard) -> int:
        start = self._starts[-1]
        self._shards.append(shard)
        self._starts.append(start + shard.rows)
        return start

    def _read(self, digests: Digests) -> np.ndarray:
        positions = self._index.find(as_array(digests))
        if len(positions) and positions.min() < 0:
            raise KeyError(f"{(positions < 0).sum()} images have no vector in {self.folder}")
        vectors = np.empty((len(positions), self.recipe.dimension), np.float32)
        order = np.argsort(positions, kind="stable")
        bounds = np.searchsorted(positions[order], self._starts).tolist()
        blocks = [
            (shard, start, order[begin : min(begin + _BLOCK, high)])
            for shard, start, low, high in zip(
                self._shards, self._starts, bounds, bounds[1:], strict=False
            )
            for begin in range(low, high, _BLOCK)
        ]

        def copy(block: tuple[Shard, int, np.ndarray]) -> None:
            shard, start, targets = block
            shard.copy(positions[targets] - start, vectors, targets)

        with ThreadPoolExecutor(_READERS, thread_name_prefix="store") as pool:
            deque(pool.map(copy, blocks), maxlen=0)  # consumed to raise the errors
        return vectors


class MemoryStore(FeatureStore):
    """Vectors and failures in memory since the last `reload`; nothing is written to disk.

    Parameters
    ----------
    recipe : Recipe
    """

    def __init__(self, recipe: Recipe) -> None:
        super().__init__("", recipe)

    def reload(self) -> None:
        """Discard all vectors and failures."""
        self._rows: dict[bytes, np.ndarray] = {}
        self.failures = {}

    def __len__(self) -> int:
        """Return the number of images that have a vector."""
        return len(self._rows)

    def __contains__(self, digest: object) -> bool:
        return digest in self._rows

    def has(self, digests: Digests) -> np.ndarray:
        """Return which images have a vector: bool (n,)."""
        return np.array([digest.tobytes() in self._rows for digest in as_array(digests)], bool)

    def read(self, digests: Digests) -> np.ndarray:
        """Return the vectors of images, in the given order."""
        vectors = np.empty((len(digests), self.recipe.dimension), np.float32)
        for row, digest in zip(vectors, as_array(digests), strict=True):
            row[:] = self._rows[digest.tobytes()]
        return vectors

    def write(self, digests: Digests, vectors: np.ndarray) -> None:
        """Keep vectors in memory."""
        keys = (digest.tobytes() for digest in as_array(digests))
        self._rows.update(zip(keys, vectors, strict=True))

    def write_failures(self, failures: dict[bytes, str]) -> None:
        """Keep the reasons why images have no vector."""
        self.failures.update(failures)

    def check_writable(self) -> None:
        """Return without an error: memory is always writable."""

    def repair_description(self) -> None:
        """Return without an action: nothing is on disk."""


class BufferedWriter:
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
