"""Predicting any number of pictures in their order, a few at a time."""

import queue
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ....features import Progress
from ..model import Model, Threshold

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


@dataclass(frozen=True)
class Predictions:
    """What is said of a few pictures.

    Attributes
    ----------
    images : list of str
        Their names.
    errors : list of str or None
        Why a picture could not be read; its row of `P` is NaN then.
    P : ndarray of shape (n_images, n_labels)
    decisions : ndarray of uint8 of shape (n_images, n_labels)
    """

    images: list[str]
    errors: list[str | None]
    P: NDArray[Any]
    decisions: NDArray[np.uint8]


def predict_stream(
    model: Model,
    pictures: Iterable[tuple[str, str]],
    *,
    threshold: Threshold = "f1",
    total: int | None = None,
    wait: bool = True,
    progress: Progress | None = None,
) -> Iterator[Predictions]:
    """Predict pictures in files; what is in memory are a thousand of them, however many come.

    Parameters
    ----------
    model : Model
    pictures : iterable of (str, str)
        Name and path of each; may be endless.
    threshold
        As for `Model.predict`.
    total : int, optional
        How many there are, if that is known.
    wait : bool, default=True
        False: predict at once what has come, rather than wait until there is a batch of it; for
        pictures that somebody is still naming. The digits are the same.
    progress : callable, optional

    Yields
    ------
    Predictions
        Few at first, so that the first answers come soon.
    """
    done = 0
    for some in growing(pictures) if wait else arriving(pictures):
        paths = [path for _, path in some]

        def tell(here: int, _: int, done: int = done) -> None:
            if progress is not None:
                known: Any = total  # a bar without an end has None
                progress(done + here, known)

        found = model.features.extract(paths, tell)
        P, decisions = model.judge(found.X, threshold)
        yield _in_order(model, [name for name, _ in some], found, P, decisions)
        done += len(some)


def _in_order(
    model: Model, names: list[str], found: Any, P: NDArray[Any], decisions: NDArray[np.uint8]
) -> Predictions:
    errors: list[str | None] = [None] * len(names)
    for row, (_, reason) in zip(np.flatnonzero(~found.readable), found.skipped, strict=True):
        errors[row] = reason
    every = np.full((len(names), len(model.labels)), np.nan, P.dtype)
    every[found.readable] = P
    decided = np.zeros(every.shape, np.uint8)
    decided[found.readable] = decisions
    return Predictions(names, errors, every, decided)
