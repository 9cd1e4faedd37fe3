"""A store for those who want none: it holds the rows of one list of pictures, in memory."""

import numpy as np

from .feature_store import FeatureStore
from .recipe import Recipe
from .row_index import Digests, as_array


class MemoryStore(FeatureStore):
    """What was computed since the last `reload`; nothing is written anywhere.

    Parameters
    ----------
    recipe : Recipe
    """

    def __init__(self, recipe: Recipe) -> None:
        super().__init__("", recipe)

    def reload(self) -> None:
        """Forget everything."""
        self._rows: dict[bytes, np.ndarray] = {}
        self.failures = {}

    def __len__(self) -> int:
        """Give the number of pictures that have a vector."""
        return len(self._rows)

    def __contains__(self, digest: object) -> bool:
        return digest in self._rows

    def has(self, digests: Digests) -> np.ndarray:
        """Say which pictures have a vector: bool (n,)."""
        return np.array([one.tobytes() in self._rows for one in as_array(digests)], bool)

    def read(self, digests: Digests) -> np.ndarray:
        """Give the pictures' vectors in the order asked for."""
        vectors = np.empty((len(digests), self.recipe.dimension), np.float32)
        for row, digest in zip(vectors, as_array(digests), strict=True):
            row[:] = self._rows[digest.tobytes()]
        return vectors

    def write(self, digests: Digests, vectors: np.ndarray) -> None:
        """Keep vectors."""
        keys = (digest.tobytes() for digest in as_array(digests))
        self._rows.update(zip(keys, vectors, strict=True))

    def write_failures(self, failures: dict[bytes, str]) -> None:
        """Keep the reasons why pictures have none."""
        self.failures.update(failures)

    def check_writable(self) -> None:
        """Say nothing: memory always is."""
