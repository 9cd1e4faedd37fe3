"""Prediction of any number of images in their order, batch by batch."""

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

FIRST_BATCH, MAX_BATCH = 32, 1024
_END = object()
_Item = TypeVar("_Item")


def growing_batches(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    """Yield small batches first, for a quick first result, and larger ones later.

    Examples
    --------
    >>> [len(batch) for batch in growing_batches(range(3000))]
    [32, 64, 128, 256, 512, 1024, 984]
    """
    remaining, size = iter(items), FIRST_BATCH
    while batch := list(islice(remaining, size)):
        yield batch
        size = min(2 * size, MAX_BATCH)


def available_batches(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    """Yield batches of the items that have arrived: at least one and at most `MAX_BATCH`.

    Another thread reads the items, at most `MAX_BATCH` ahead.

    Examples
    --------
    >>> [item for batch in available_batches(range(3000)) for item in batch] == list(range(3000))
    True
    """
    arrived: queue.Queue[Any] = queue.Queue(MAX_BATCH)
    errors: list[BaseException] = []

    def read() -> None:
        try:
            for item in items:
                arrived.put(item)
        except BaseException as error:  # raised again in the consumer
            errors.append(error)
        arrived.put(_END)

    # A daemon thread: a consumer that stops early must not wait for an open pipe.
    threading.Thread(target=read, name="read-items", daemon=True).start()
    ended = False
    while not ended:
        batch = [arrived.get()]
        while len(batch) < MAX_BATCH and not arrived.empty():
            batch.append(arrived.get())
        if ended := batch[-1] is _END:
            batch.pop()
        if batch:
            yield batch
    if errors:
        raise errors[0]


@dataclass(frozen=True)
class PredictionBatch:
    """Predictions for a batch of images.

    Attributes
    ----------
    images : list of str
        The names of the images.
    errors : list of str or None
        Why an image could not be read; its row of `P` is NaN then.
    P : ndarray of shape (n_images, n_labels)
        Probabilities.
    Y : ndarray of uint8 of shape (n_images, n_labels)
        Predicted labels.
    paths : list of str
        The paths of the images.
    unlike : ndarray of bool of shape (n_images,) or None
        Whether an image is unlike the training images; None if the model has no detector.
    """

    images: list[str]
    errors: list[str | None]
    P: NDArray[Any]
    Y: NDArray[np.uint8]
    paths: list[str]
    unlike: NDArray[np.bool_] | None = None


def predict_stream(
    model: Model,
    images: Iterable[tuple[str, str]],
    *,
    threshold: Threshold = "f1",
    total: int | None = None,
    wait: bool = True,
    progress: Progress | None = None,
) -> Iterator[PredictionBatch]:
    """Predict image files batch by batch; at most 1,024 images are in memory.

    Parameters
    ----------
    model : Model
    images : iterable of (str, str)
        Name and path of each image; may be endless.
    threshold
        As for `Model.predict`.
    total : int, optional
        Number of images, if known.
    wait : bool, default=True
        False: predict the images that have arrived instead of waiting for a full batch; for paths
        from a pipe. The probabilities do not depend on it.
    progress : callable, optional

    Yields
    ------
    PredictionBatch
        Small batches first, for a quick first result.
    """
    done = 0
    for batch in growing_batches(images) if wait else available_batches(images):
        paths = [path for _, path in batch]

        def report_progress(done_in_batch: int, _: int, done: int = done) -> None:
            if progress is not None:
                known_total: Any = total  # None for a progress bar without an end
                progress(done + done_in_batch, known_total)

        extracted = model.features.run(paths, report_progress)
        yield _predict_batch(model, batch, extracted, threshold)
        done += len(batch)


def _predict_batch(
    model: Model, batch: list[tuple[str, str]], extracted: Any, threshold: Threshold
) -> PredictionBatch:
    """Predict the readable images of a batch, and insert rows for the unreadable ones."""
    readable = extracted.readable
    errors: list[str | None] = [None] * len(batch)
    for row, (_, reason) in zip(np.flatnonzero(~readable), extracted.skipped, strict=True):
        errors[row] = reason
    P, Y = model.predict_vectors(extracted.X, threshold)
    all_P = np.full((len(batch), len(model.labels)), np.nan, P.dtype)
    all_P[readable] = P
    all_Y = np.zeros(all_P.shape, np.uint8)
    all_Y[readable] = Y
    unlike = None
    if (flags := model.unlike_training(extracted.X)) is not None:
        unlike = np.zeros(len(batch), bool)
        unlike[readable] = flags
    names, paths = ([pair[side] for pair in batch] for side in (0, 1))
    return PredictionBatch(names, errors, all_P, all_Y, paths, unlike)
