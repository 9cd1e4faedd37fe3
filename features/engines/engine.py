"""How a network is run. An engine turns batches of pictures into vectors and nothing else.

Any number of threads may call an engine's networks; as many as there are processors compute at
once, each its own batch, and the others wait for their turn (see `sharing`).
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

import numpy as np

from ..preprocessing import MapView, View

ENGINES = ("torch", "openvino")
PRECISIONS = ("float32", "bfloat16")
#: Among how many convolutions the first depthwise one ends the delicate layers (see `delicate`).
DELICATE = 3

#: uint8 (n, size, size, 3) -> float32 (n, dimension)
Network = Callable[[np.ndarray], np.ndarray]


class Engine(AbstractContextManager[Any], Protocol):
    """Runs one backbone."""

    batch_size: int

    def network(self, view: "View | MapView") -> Network:
        """Make what turns pictures of a view's size into its vectors; safe to call from threads."""


def in_batches(run: Network, pictures: np.ndarray, batch_size: int) -> np.ndarray:
    """Run pictures in batches that always have the same shape.

    The last one is filled up, so that the same arithmetic is done for every picture and its
    vector is the same to the last bit whatever its company.
    """
    vectors = []
    for start in range(0, len(pictures), batch_size):
        batch = pictures[start : start + batch_size]
        count = len(batch)
        if count < batch_size:
            empty = np.zeros((batch_size - count, *batch.shape[1:]), batch.dtype)
            batch = np.concatenate([batch, empty])
        vectors.append(run(batch)[:count])
    return np.concatenate(vectors)
