"""How many requests are dealt with at once."""

from collections.abc import Iterator
from contextlib import contextmanager

from .refusals import Refusal


class Door:
    """Lets in so many and tells the others to come again: nobody queues without end.

    Examples
    --------
    >>> door = Door(1)
    >>> with door.enter():
    ...     with door.enter():
    ...         pass
    Traceback (most recent call last):
    ...
    catnocat.benchmarks.serving.refusals.Refusal: 429: all 1 places are taken; try again
    """

    def __init__(self, places: int) -> None:
        self._places = places
        self._taken = 0

    @contextmanager
    def enter(self) -> Iterator[None]:
        """Hold a place; a `Refusal` when all are taken."""
        if self._taken >= self._places:
            reason = f"all {self._places} places are taken; try again"
            raise Refusal(429, reason, Retry_After="1")
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1
