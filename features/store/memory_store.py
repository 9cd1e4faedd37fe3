"""Feature store in memory, for runs that do not write to disk."""

import numpy as np

from .feature_store import FeatureStore
from .recipe import Recipe
from .row_index import Digests, as_array


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
