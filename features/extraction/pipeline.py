"""The hard work: many pictures, read, decoded and shown to the network by all processors at once.

Each thread takes a few pictures through every step by itself (see `sharing`). What is in memory at
any time is a few batches, however many pictures there are; results come back in their order.
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
_BATCHES_PER_THREAD = 32  # about a second of work: what storing a shard may take


@dataclass(frozen=True)
class Sharing:
    """How processors share the work.

    Attributes
    ----------
    threads : int
        Each takes batches through all steps. So decoding and the network get the time that each of
        them needs, whatever the pictures and the network are, and no picture changes processors.
        One thread in five is there for the time that others wait for the disk: at most as many as
        there are processors run the network at once, the others read and decode meanwhile.
    ahead : int
        Batches that are computed, or on their way, while older ones are waited for or stored.
    """

    threads: int
    ahead: int


def share(processors: int, batch_size: int, row_bytes: int) -> Sharing:
    """Plan the work.

    Parameters
    ----------
    processors : int
    batch_size : int
        Pictures in a batch.
    row_bytes : int
        Of a picture's vector.

    Examples
    --------
    >>> share(processors=2, batch_size=4, row_bytes=5120)
    Sharing(threads=3, ahead=96)
    >>> share(processors=64, batch_size=4, row_bytes=5120)
    Sharing(threads=80, ahead=2560)
    >>> share(processors=64, batch_size=4, row_bytes=1_000_000).ahead  # no more memory than it must
    80
    """
    threads = processors + max(1, processors // 4)
    affordable = _WAITING_BYTES // max(1, batch_size * row_bytes)
    return Sharing(threads, max(threads, min(_BATCHES_PER_THREAD * threads, affordable)))


_CLAIMS = 16_384


@dataclass
class Batch:
    """What became of a few pictures.

    Attributes
    ----------
    size : int
        How many pictures these were.
    read : list of (int, bytes)
        Number and digest of each picture whose bytes could be read.
    errors : list of (int, UnreadableImage)
        Number of each picture that gave no new vector for a reason of its own.
    digests : list of bytes
        Of the newly computed, in the order of the rows of `vectors`.
    """

    size: int
    read: list[tuple[int, bytes]] = field(default_factory=list)
    errors: list[tuple[int, UnreadableImage]] = field(default_factory=list)
    digests: list[bytes] = field(default_factory=list)
    vectors: np.ndarray = field(default_factory=lambda: np.empty((0, 0), np.float32))


class Pipeline:
    """Turns pictures into vectors with an engine that is open.

    Parameters
    ----------
    engine : Engine
    recipe : Recipe
    n_jobs : int
    is_known : callable
        Says of a digest whether its vector, or that it has none, is known already.
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
        self._many = _CLAIMS
        self._claiming = threading.Lock()

    def run(self, numbered: Sequence[tuple[int, str]]) -> Generator[Batch]:
        """Give batch after batch of the pictures, which are numbered paths."""
        self._claimed = set()  # of an earlier list: known by now, or to be tried again
        waiting: deque[Future[Batch]] = deque()
        starts = range(0, len(numbered), self.batch_size)
        pool = ThreadPoolExecutor(self._sharing.threads, thread_name_prefix="features")
        with quiet_pillow():
            try:
                for start in starts:
                    some = numbered[start : start + self.batch_size]
                    waiting.append(pool.submit(self._work, some))
                    if len(waiting) > self._sharing.ahead:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                pool.shutdown(cancel_futures=True)

    def _work(self, numbered: Sequence[tuple[int, str]]) -> Batch:
        batch = Batch(len(numbered))
        shown: list[list[np.ndarray]] = [[] for _ in self._networks]
        for number, path in numbered:
            try:
                data = read_file(path)
                digest = hashlib.sha256(data).digest()
                batch.read.append((number, digest))
                if not self._claim(digest):
                    continue
                image = decode(data, path)
                del data
                pictures = self._shared.show(image, self.recipe.preprocessing)
            except UnreadableImage as error:
                batch.errors.append((number, error))
                continue
            batch.digests.append(digest)
            for pile, picture in zip(shown, pictures, strict=True):
                pile.append(picture)
        if batch.digests:
            answers = [
                network(np.concatenate(pile))
                for network, pile in zip(self._networks, shown, strict=True)
            ]
            batch.vectors = self._shared.vectors(answers)
        return batch

    def _claim(self, digest: bytes) -> bool:
        """Say whether the picture is to be computed by the caller: unknown, and nobody else's."""
        with self._claiming:
            if digest in self._claimed or self._is_known(digest):
                return False
            self._claimed.add(digest)
            if len(self._claimed) > self._many:  # most are in the store by now, which is smaller
                self._claimed = {one for one in self._claimed if not self._is_known(one)}
                self._many = 2 * len(self._claimed) + _CLAIMS
            return True
