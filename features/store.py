"""A folder of vectors that outlives runs, crashes and moved pictures.

``<root>/<backbone>-<digest>/recipe.json`` says how the vectors beside it were made; they lie in
immutable shards (see ``shards.py``). There are no locks: any number of processes, on one machine or
many, may add shards at once, and what stands twice is harmless.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from .errors import FeatureError
from .recipe import Recipe
from .shards import (
    Shard,
    read_failures,
    read_shard,
    write_failures,
    write_shard,
    write_whole,
)


class FeatureStore:
    """The vectors of one recipe.

    Opening reads which pictures are there, not their vectors.

    Parameters
    ----------
    root : path
        Made when the first row is written.
    recipe : Recipe

    Attributes
    ----------
    folder : pathlib.Path
        The recipe's folder below `root`.
    failures : dict of bytes to str
        Digests of pictures that cannot be read, with the reason.

    Examples
    --------
    >>> import hashlib, tempfile
    >>> import numpy as np
    >>> from catnocat.features import FeatureStore, plan_recipe
    >>> digest = hashlib.sha256(b"a picture").digest()
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
        self._shards: list[Shard] = []
        self._starts = [0]
        self._places: dict[bytes, int] = {}  # digest -> number of the row among all shards
        with _one_line_for_the_disk(f"read the feature store {self.folder}"):
            if self.folder.is_dir():
                self._open()

    def __len__(self) -> int:
        """Give the number of pictures that have a vector."""
        return len(self._places)

    def __contains__(self, digest: object) -> bool:
        return digest in self._places

    def read(self, digests: Sequence[bytes]) -> np.ndarray:
        """Give the pictures' vectors in the order asked for.

        Parameters
        ----------
        digests : sequence of bytes
            The sha256 of each picture; all of them must be in the store.

        Returns
        -------
        numpy.ndarray
            float32 (n, recipe.dimension). The only large memory that is used.
        """
        places = np.fromiter((self._places[digest] for digest in digests), np.int64, len(digests))
        vectors = np.empty((len(digests), self.recipe.dimension), np.float32)
        order = np.argsort(places, kind="stable")
        bounds = np.searchsorted(places[order], self._starts)
        with _one_line_for_the_disk(f"read the feature store {self.folder}"):
            for shard, start, low, high in zip(
                self._shards, self._starts, bounds, bounds[1:], strict=False
            ):
                if low < high:
                    wanted = order[low:high]
                    vectors[wanted] = shard.load()[places[wanted] - start]
        return vectors

    def write(self, digests: Sequence[bytes], vectors: np.ndarray) -> None:
        """Add a shard. Once this returns, neither a crash nor a power cut loses it.

        Parameters
        ----------
        digests : sequence of bytes
        vectors : numpy.ndarray
            Float (n, recipe.dimension).
        """
        if vectors.shape != (len(digests), self.recipe.dimension):
            raise ValueError(
                f"{len(digests)} pictures of {self.recipe.dimension} numbers do not"
                f" fit an array of shape {vectors.shape}"
            )
        with self._writing():
            self._add(write_shard(self.folder, list(digests), vectors))

    def write_failures(self, failures: dict[bytes, str]) -> None:
        """Remember pictures that cannot be read, so that nobody tries again."""
        with self._writing():
            write_failures(self.folder, failures)
        self.failures.update(failures)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with _one_line_for_the_disk(f"write to the feature store {self.folder}"):
            described = self.folder / "recipe.json"
            if not described.exists():
                self.folder.mkdir(parents=True, exist_ok=True)
                write_whole(described, self.recipe.to_json().encode())
            yield

    def _open(self) -> None:
        for path in sorted(self.folder.iterdir()):
            if path.suffix == ".idx":
                shard = read_shard(path)
                if shard is not None and shard.dimension == self.recipe.dimension:
                    self._add(shard)
            elif path.suffix == ".bad":
                self.failures.update(read_failures(path))

    def _add(self, shard: Shard) -> None:
        start = self._starts[-1]
        end = start + len(shard.digests)
        self._shards.append(shard)
        self._starts.append(end)
        self._places.update(zip(shard.digests, range(start, end), strict=True))


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

    def __init__(self, store: FeatureStore, rows: int = 1024, seconds: float = 20.0) -> None:
        self.store = store
        self.rows = rows
        self.seconds = seconds
        self._digests: list[bytes] = []
        self._vectors: list[np.ndarray] = []
        self._failures: dict[bytes, str] = {}
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

    def add(
        self, digests: Sequence[bytes], vectors: np.ndarray, failures: dict[bytes, str]
    ) -> None:
        """Take rows and pictures that cannot be read."""
        self._digests.extend(digests)
        if len(digests):
            self._vectors.append(vectors)
        self._failures.update(failures)
        late = time.monotonic() - self._written > self.seconds
        if late or len(self._digests) >= self.rows:
            self.flush()

    def flush(self) -> None:
        """Write what has been gathered."""
        digests, vectors, failures = self._digests, self._vectors, self._failures
        self._digests, self._vectors, self._failures = [], [], {}
        if digests:
            self.store.write(digests, np.concatenate(vectors))
        if failures:
            self.store.write_failures(failures)
        self._written = time.monotonic()


@contextmanager
def _one_line_for_the_disk(doing: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FeatureError(f"cannot {doing}: {error.strerror or error}") from error
