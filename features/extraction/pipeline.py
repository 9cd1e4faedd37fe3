"""Read, decode and run images through the network on all processors at once.

Each thread takes a few images through all steps (see `Sharing`). Only a few batches are in memory
at any time, independent of the number of images; results are returned in input order.
"""

import hashlib
import threading
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from ..engines import Engine
from ..preprocessing import SharedPasses, decode, quiet_pillow, read_file
from ..store import Recipe
from ..utils import UnreadableImage

_WAITING_BYTES = 64 * 2**20
_BATCHES_PER_THREAD = 32  # about a second of work, as long as writing a shard may take


@dataclass(frozen=True)
class Sharing:
    """Division of the work among threads.

    Attributes
    ----------
    threads : int
        Each thread takes batches through all steps, so that decoding and the network get the time
        that each needs and an image stays on one processor. One thread in five is extra, for the
        time that threads wait for the disk: at most as many threads as processors run the network
        at once, while the others read and decode.
    ahead : int
        Number of batches that may be computed or queued while earlier ones are stored.
    """

    threads: int
    ahead: int


def share(processors: int, batch_size: int, row_bytes: int) -> Sharing:
    """Return the numbers of threads and of batches in flight.

    Parameters
    ----------
    processors : int
    batch_size : int
        Images in a batch.
    row_bytes : int
        Size of the vector of an image.

    Examples
    --------
    >>> share(processors=2, batch_size=4, row_bytes=5120)
    Sharing(threads=3, ahead=96)
    >>> share(processors=64, batch_size=4, row_bytes=5120)
    Sharing(threads=80, ahead=2560)
    >>> share(processors=64, batch_size=4, row_bytes=1_000_000).ahead  # limited by memory
    80
    """
    threads = processors + max(1, processors // 4)
    affordable = _WAITING_BYTES // max(1, batch_size * row_bytes)
    return Sharing(threads, max(threads, min(_BATCHES_PER_THREAD * threads, affordable)))


_MIN_CLAIMS = 16_384


@dataclass
class Batch:
    """Results of a batch of images.

    Attributes
    ----------
    size : int
        Number of images.
    read : list of (int, bytes)
        Number and digest of each image whose file could be read.
    errors : list of (int, UnreadableImage)
        Number and error of each image that could not be read or decoded.
    digests : list of bytes
        Digests of the new vectors, in the order of the rows of `vectors`.
    vectors : numpy.ndarray
        float32 (len(digests), recipe.dimension).
    """

    size: int
    read: list[tuple[int, bytes]] = field(default_factory=list)
    errors: list[tuple[int, UnreadableImage]] = field(default_factory=list)
    digests: list[bytes] = field(default_factory=list)
    vectors: np.ndarray = field(default_factory=lambda: np.empty((0, 0), np.float32))


class Pipeline:
    """Pipeline from image files to vectors with an open engine.

    Parameters
    ----------
    engine : Engine
    recipe : Recipe
    n_jobs : int
    is_known : callable
        Returns for a digest whether its vector, or its failure, is already stored.
    """

    def __init__(
        self, engine: Engine, recipe: Recipe, n_jobs: int, is_known: Callable[[bytes], bool]
    ) -> None:
        self.recipe = recipe
        self.batch_size = engine.batch_size
        self._sharing = share(n_jobs, engine.batch_size, 4 * recipe.dimension)
        self._shared = SharedPasses(recipe.views, recipe.channels)
        self._networks = [engine.network(view) for view in self._shared.networks]
        self._is_known = is_known
        self._claimed: set[bytes] = set()
        self._max_claims = _MIN_CLAIMS
        self._claiming = threading.Lock()

    def run(self, numbered: Sequence[tuple[int, str]]) -> Generator[Batch]:
        """Compute the images, given as numbered paths; yield the results in batches."""
        self._claimed = set()  # claims of an earlier list are stored by now or must be retried
        waiting: deque[Future[Batch]] = deque()
        starts = range(0, len(numbered), self.batch_size)
        pool = ThreadPoolExecutor(self._sharing.threads, thread_name_prefix="features")
        with quiet_pillow():
            try:
                for start in starts:
                    chunk = numbered[start : start + self.batch_size]
                    waiting.append(pool.submit(self._work, chunk))
                    if len(waiting) > self._sharing.ahead:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                pool.shutdown(cancel_futures=True)

    def _work(self, numbered: Sequence[tuple[int, str]]) -> Batch:
        batch = Batch(len(numbered))
        inputs: list[list[np.ndarray]] = [[] for _ in self._networks]
        for number, path in numbered:
            try:
                data = read_file(path)
                digest = hashlib.sha256(data).digest()
                batch.read.append((number, digest))
                if not self._claim(digest):
                    continue
                image = decode(data, path, bit_depth=self.recipe.bit_depth)
                del data
                crops = self._shared.show(image, self.recipe.preprocessing)
            except UnreadableImage as error:
                batch.errors.append((number, error))
                continue
            batch.digests.append(digest)
            for network_inputs, crop in zip(inputs, crops, strict=True):
                network_inputs.append(crop)
        if batch.digests:
            answers = [
                network(np.concatenate(network_inputs))
                for network, network_inputs in zip(self._networks, inputs, strict=True)
            ]
            batch.vectors = self._shared.vectors(answers)
        return batch

    def _claim(self, digest: bytes) -> bool:
        """Return whether the caller must compute an image: it is unknown and not claimed yet."""
        with self._claiming:
            if digest in self._claimed or self._is_known(digest):
                return False
            self._claimed.add(digest)
            if len(self._claimed) > self._max_claims:  # drop those that are stored by now
                self._claimed = {claim for claim in self._claimed if not self._is_known(claim)}
                self._max_claims = 2 * len(self._claimed) + _MIN_CLAIMS
            return True
