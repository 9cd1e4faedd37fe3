"""A folder of vectors that outlives runs, crashes and moved pictures.

``<root>/<backbone>-<digest>/recipe.json`` says how the vectors beside it were made; they lie in
immutable shards (see ``shards.py``). There are no locks: any number of processes, on one machine or
many, may add shards at once, and what stands twice is harmless.
"""

import tempfile
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from os import PathLike
from pathlib import Path

import numpy as np

from ..utils import told_in_one_line, write_whole
from .recipe import Recipe
from .row_index import Digests, RowIndex, as_array
from .shards import Shard, read_shard, write_shard
from .unreadable_images import read_failures, write_failures

_BLOCK = 1024  # rows that are copied at once, however large a shard is
_READERS = 4  # the first use of so much memory costs more than reading: share it

_TIDIED_AT_MOST = 20  # times during one reading, by however many who tidy up at once


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
        self.reload()

    def __len__(self) -> int:
        """Give the number of pictures that have a vector."""
        return len(self._index)

    def __contains__(self, digest: object) -> bool:
        return digest in self._index

    def reload(self) -> None:
        """See what others have written or tidied up since."""
        with told_in_one_line(f"read the feature store {self.folder}"):
            paths = self._list()
            self._open(paths)
            # What vanished meanwhile has been written anew elsewhere, see `tidy_store`.
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
                    found = read_shard(path)
                    if found is not None and found[0].dimension == self.recipe.dimension:
                        self._append(found[0])
                        digests.append(found[1])
                elif path.suffix == ".bad":
                    self.failures.update(read_failures(path) or {})
        self._index = RowIndex(np.concatenate(digests) if digests else ())

    def has(self, digests: Digests) -> np.ndarray:
        """Say which pictures have a vector: bool (n,)."""
        return self._index.find(digests) >= 0

    def read(self, digests: Digests) -> np.ndarray:
        """Give the pictures' vectors in the order asked for.

        Parameters
        ----------
        digests : sequence of bytes, or uint8 (n, 32)
            The sha256 of each picture; all of them must be in the store.

        Returns
        -------
        numpy.ndarray
            float32 (n, recipe.dimension). The only large memory that is used.

        Notes
        -----
        A shard whose size does not fit its index counts as not there. Flipped bytes are not looked
        for: that is what ``catnocat store verify`` does.
        """
        with told_in_one_line(f"read the feature store {self.folder}"):
            for _ in range(_TIDIED_AT_MOST):
                with suppress(FileNotFoundError):  # tidied up since: the rows lie elsewhere now
                    return self._read(digests)
                self.reload()
            return self._read(digests)

    def write(self, digests: Digests, vectors: np.ndarray) -> None:
        """Add a shard. Once this returns, neither a crash nor a power cut loses it.

        Parameters
        ----------
        digests : sequence of bytes, or uint8 (n, 32)
        vectors : numpy.ndarray
            Float (n, recipe.dimension).
        """
        if vectors.shape != (len(digests), self.recipe.dimension):
            raise ValueError(
                f"{len(digests)} pictures of {self.recipe.dimension} numbers do not"
                f" fit an array of shape {vectors.shape}"
            )
        with self._writing():
            start = self._append(write_shard(self.folder, digests, vectors))
        self._index.add(digests, start)

    def write_failures(self, failures: dict[bytes, str]) -> None:
        """Remember pictures that cannot be read, so that nobody tries again."""
        with self._writing():
            write_failures(self.folder, failures)
        self.failures.update(failures)

    def check_writable(self) -> None:
        """Raise the FeatureError that writing would raise, before hours of work."""
        with self._writing(), tempfile.TemporaryFile(dir=self.folder, suffix=".part"):
            pass

    def mend(self) -> None:
        """Write ``recipe.json`` anew if it has been damaged and the disk takes it."""
        if self.folder.is_dir():
            with suppress(OSError):
                self._describe()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with told_in_one_line(f"write to the feature store {self.folder}"):
            self._describe()
            yield

    def _describe(self) -> None:
        path, text = self.folder / "recipe.json", self.recipe.to_json().encode()
        if not path.exists() or path.read_bytes() != text:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_whole(path, text)

    def _append(self, shard: Shard) -> int:
        start = self._starts[-1]
        self._shards.append(shard)
        self._starts.append(start + shard.rows)
        return start

    def _read(self, digests: Digests) -> np.ndarray:
        places = self._index.find(as_array(digests))
        if len(places) and places.min() < 0:
            raise KeyError(f"{(places < 0).sum()} pictures have no vector in {self.folder}")
        vectors = np.empty((len(places), self.recipe.dimension), np.float32)
        order = np.argsort(places, kind="stable")
        bounds = np.searchsorted(places[order], self._starts).tolist()
        blocks = [
            (shard, start, order[begin : min(begin + _BLOCK, high)])
            for shard, start, low, high in zip(
                self._shards, self._starts, bounds, bounds[1:], strict=False
            )
            for begin in range(low, high, _BLOCK)
        ]

        def copy(block: tuple[Shard, int, np.ndarray]) -> None:
            shard, start, wanted = block
            shard.copy(places[wanted] - start, vectors, wanted)

        with ThreadPoolExecutor(_READERS, thread_name_prefix="store") as pool:
            deque(pool.map(copy, blocks), maxlen=0)  # for what it raises
        return vectors
