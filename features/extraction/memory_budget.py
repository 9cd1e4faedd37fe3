"""Bound the memory for decoded images in all threads of a run."""

import ctypes
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: Limit of a run: memory for decoding, in bytes per thread. Photographs of up to 25 million pixels
#: are decoded in all threads at once.
THREAD_BYTES = 250_000_000


class MemoryBudget:
    """Memory for decoding that the threads of a run share.

    An image waits until the other images leave enough memory for it. An image that needs more than
    the whole budget is decoded alone. Images are admitted in the order of their requests, so that a
    large image is not overtaken forever.

    Parameters
    ----------
    threads : int

    Examples
    --------
    >>> budget = MemoryBudget(threads=3)
    >>> with budget.request() as reserve:
    ...     reserve(12_000_000)  # bytes
    ...     budget.used
    12000000
    >>> budget.used
    0
    """

    def __init__(self, threads: int) -> None:
        self.capacity = threads * THREAD_BYTES
        self.used = 0
        self._turn = threading.Lock()
        self._released = threading.Condition()

    @contextmanager
    def request(self) -> Iterator[Callable[[int], None]]:
        """Yield a function that reserves a number of bytes until the block ends."""
        reserved = 0

        def reserve(n_bytes: int) -> None:
            nonlocal reserved
            size = min(n_bytes, self.capacity)
            with self._turn, self._released:
                self._released.wait_for(lambda: self.used + size <= self.capacity)
                self.used += size
                reserved += size

        try:
            yield reserve
        finally:
            if reserved:
                if reserved > THREAD_BYTES:  # not for usual photographs, since it takes time
                    _release_free_memory()
                with self._released:
                    self.used -= reserved
                    self._released.notify_all()


def _release_free_memory() -> None:
    """Return free memory to the system, if the C library can.

    glibc keeps the freed memory of each thread for this thread, so that large images decoded in
    turn by several threads would take memory several times.
    """
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # another C library
        return
    trim(0)
