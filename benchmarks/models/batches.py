"""How many pictures are taken at a time."""

import queue
import threading
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

FIRST, MOST = 32, 1024
_END = object()
_One = TypeVar("_One")


def growing(items: Iterable[_One]) -> Iterator[list[_One]]:
    """Give few items at first, so that the first answers come soon, and many later.

    Examples
    --------
    >>> [len(some) for some in growing(range(3000))]
    [32, 64, 128, 256, 512, 1024, 984]
    """
    waiting, size = iter(items), FIRST
    while some := list(islice(waiting, size)):
        yield some
        size = min(2 * size, MOST)


def arriving(items: Iterable[_One]) -> Iterator[list[_One]]:
    """Give what has come by the time that one asks: at least one item, and no more than `MOST`.

    Another thread waits for the items, and is at most `MOST` ahead.

    Examples
    --------
    >>> [item for some in arriving(range(3000)) for item in some] == list(range(3000))
    True
    """
    come: queue.Queue[Any] = queue.Queue(MOST)
    faults: list[BaseException] = []

    def listen() -> None:
        try:
            for item in items:
                come.put(item)
        except BaseException as error:  # for whoever asks
            faults.append(error)
        come.put(_END)

    # A daemon: whoever stops asking does not wait for a pipe that nobody closes.
    threading.Thread(target=listen, name="arriving", daemon=True).start()
    ended = False
    while not ended:
        some = [come.get()]
        while len(some) < MOST and not come.empty():
            some.append(come.get())
        if ended := some[-1] is _END:
            some.pop()
        if some:
            yield some
    if faults:
        raise faults[0]
