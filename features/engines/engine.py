"""Interface of the engines that map batches of images to vectors.

The networks of an engine may be called from any number of threads. At most as many batches as there
are processors are computed at once; the other calls wait.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

import numpy as np

from ..preprocessing import MapView, View

ENGINES = ("torch", "openvino")
PRECISIONS = ("float32", "bfloat16")
#: In bfloat16, the first layers up to a depthwise convolution stay in float32, if that convolution
#: is among the first so many.
MAX_FLOAT32_LAYERS = 3

#: uint8 (n, size, size, 3) -> float32 (n, dimension)
Network = Callable[[np.ndarray], np.ndarray]


class Engine(AbstractContextManager[Any], Protocol):
    """Engine that runs one backbone."""

    batch_size: int

    def network(self, view: View | MapView) -> Network:
        """Return a thread-safe function from images of a view's size to its vectors."""


def in_batches(run: Network, images: np.ndarray, batch_size: int) -> np.ndarray:
    """Run images in batches of constant shape.

    The last batch is padded, so that the arithmetic is the same for every image and its vector does
    not depend on the other images, to the last bit.
    """
    vectors = []
    for start in range(0, len(images), batch_size):
        batch = images[start : start + batch_size]
        count = len(batch)
        if count < batch_size:
            empty = np.zeros((batch_size - count, *batch.shape[1:]), batch.dtype)
            batch = np.concatenate([batch, empty])
        vectors.append(run(batch)[:count])
    return np.concatenate(vectors)
