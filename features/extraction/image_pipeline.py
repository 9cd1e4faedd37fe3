"""Compute the vectors of image files on all processors at once and write them to a store.

Each thread takes a few images through all steps: reading, decoding, cutting crops and running the
network (see `ThreadPlan`). Only a few batches are in memory at any time, independent of the number
of images; results are returned in input order.
"""

import threading
from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from ..engines import Network
from ..preprocessing import (
    ViewBatching,
    check_image,
    content_digest,
    decode,
    open_image,
    quiet_pillow,
)
from ..store import BatchResult, FeatureStore, NumberedPath
from ..utils import UnreadableImage
from .config import ExtractionConfig
from .memory_budget import MemoryBudget

_WAITING_BYTES = 64 * 2**20
_BATCHES_PER_THREAD = 32  # about a second of work, as long as writing a shard may take
_MIN_CLAIMS = 16_384


@dataclass(frozen=True)
class ThreadPlan:
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


def plan_threads(processors: int, batch_size: int, row_bytes: int) -> ThreadPlan:
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
    >>> plan_threads(processors=2, batch_size=4, row_bytes=5120)
    ThreadPlan(threads=3, ahead=96)
    >>> plan_threads(processors=64, batch_size=4, row_bytes=5120)
    ThreadPlan(threads=80, ahead=2560)
    >>> plan_threads(processors=64, batch_size=4, row_bytes=1_000_000).ahead  # limited by memory
    80
    """
    threads = processors + max(1, processors // 4)
    affordable = _WAITING_BYTES // max(1, batch_size * row_bytes)
    return ThreadPlan(threads, max(threads, min(_BATCHES_PER_THREAD * threads, affordable)))


class ImagePipeline:
    """Pipeline from image files to vectors in a store.

    Parameters
    ----------
    networks : sequence of callable
        One for each network of the recipe's `ViewBatching`.
    batch_size : int
        Images per batch.
    store : FeatureStore
        Its recipe determines the crops.
    config : ExtractionConfig
        Only `shard_rows`, `retry_failed` and the number of threads are used.
    """

    def __init__(
        self,
        networks: Sequence[Network],
        batch_size: int,
        store: FeatureStore,
        config: ExtractionConfig,
    ) -> None:
        recipe = store.recipe
        self.store = store
        self.config = config
        self.batch_size = batch_size
        self.thread_plan = plan_threads(config.count_threads(), batch_size, 4 * recipe.dimension)
        self._networks = networks
        self._batching = ViewBatching(recipe.views, recipe.channels)
        self._memory = MemoryBudget(self.thread_plan.threads)
        self._writable = False
        self._claimed: set[bytes] = set()
        self._max_claims = _MIN_CLAIMS
        self._claiming = threading.Lock()

    def run(self, images: Sequence[NumberedPath]) -> Generator[BatchResult]:
        """Compute and store images; yield the results in batches.

        Close the generator if it is not consumed to its end.
        """
        with (
            self.store.buffered_writer(self.config.shard_rows) as writer,
            # Closed on interruption too, so that no thread continues in the background.
            closing(self._compute_batches(images)) as results,
        ):
            for result in results:
                digests = dict(result.read)
                failures = {
                    digests[number]: error.reason
                    for number, error in result.errors
                    if error.lasting and number in digests
                }
                writer.add(result.digests, result.vectors, failures)
                yield result

    def _compute_batches(self, images: Sequence[NumberedPath]) -> Generator[BatchResult]:
        """Compute batches in threads; yield the results in input order."""
        self._claimed = set()  # claims of an earlier list are stored by now or must be retried
        waiting: deque[Future[BatchResult]] = deque()
        pool = ThreadPoolExecutor(self.thread_plan.threads, thread_name_prefix="features")
        with quiet_pillow():
            try:
                for start in range(0, len(images), self.batch_size):
                    batch = images[start : start + self.batch_size]
                    waiting.append(pool.submit(self._compute_batch, batch))
                    if len(waiting) > self.thread_plan.ahead:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                pool.shutdown(cancel_futures=True)

    def _compute_batch(self, images: Sequence[NumberedPath]) -> BatchResult:
        result = BatchResult(len(images))
        inputs: list[list[np.ndarray]] = [[] for _ in self._networks]
        for number, path in images:
            try:
                crops = self._read_crops(number, path, result)
            except UnreadableImage as error:
                result.errors.append((number, error))
                continue
            if crops is not None:
                for network_inputs, crop in zip(inputs, crops, strict=True):
                    network_inputs.append(crop)
        if result.digests:
            outputs = [
                network(np.concatenate(network_inputs))
                for network, network_inputs in zip(self._networks, inputs, strict=True)
            ]
            result.vectors = self._batching.vectors(outputs)
        return result

    def _read_crops(self, number: int, path: str, result: BatchResult) -> list[np.ndarray] | None:
        """Return the crops of an image, None if its vector is known or computed elsewhere."""
        with open_image(path) as content:
            if not isinstance(content, bytes):  # large: look at its header before its digest
                check_image(content, path)
            digest = content_digest(content)
            result.read.append((number, digest))
            if not self._claim(digest):
                return None
            with self._memory.request() as reserve:
                image = decode(
                    content, path, reserve=reserve, bit_depth=self.store.recipe.bit_depth
                )
                crops = self._batching.network_inputs(image, self.store.recipe.preprocessing)
                del image  # before its memory counts as free
        result.digests.append(digest)
        return crops

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

    def _is_known(self, digest: bytes) -> bool:
        """Return whether the vector of an image, or its failure, is already stored."""
        if digest in self.store:
            return True
        if digest in self.store.failures and not self.config.retry_failed:
            return True
        if not self._writable:  # fail before the first image is computed, not after
            self.store.check_writable()
            self._writable = True
        return False
