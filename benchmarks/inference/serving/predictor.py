"""What is served: something that judges pictures in memory."""

import queue
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ....features import decode_image
from ..model import Model


@dataclass(frozen=True)
class Evidence:
    """Where in a picture the evidence for a label lies.

    Attributes
    ----------
    map : ndarray of shape (rows, columns)
        Of the whole picture; more is more evidence.
    peak : tuple of float
        Where it is strongest: from the left and from the top, as shares of width and height.
    how : str
        What the map is, in a word or two.
    """

    map: NDArray[np.floating[Any]]
    peak: tuple[float, float]
    how: str


class Predictor(Protocol):
    """Judges pictures; any number of threads may call it."""

    @property
    def labels(self) -> Sequence[str]:
        """The names of the columns of its answers."""

    def about(self) -> dict[str, Any]:
        """Tell what it is, as plain JSON values."""

    def decode(self, content: bytes, max_pixels: int) -> Image.Image:
        """Read a picture; raises `UnreadableImage`."""

    def judge(
        self, images: Sequence[Image.Image]
    ) -> tuple[NDArray[np.floating[Any]], NDArray[np.integer[Any]]]:
        """Give probabilities and decisions, each (n_images, n_labels)."""

    def evidence(self, image: Image.Image, label: str) -> Evidence:
        """Tell where a picture shows a label."""


_HOW = {"exact": "class activation map", "occlusion": "what covering it costs"}


class ModelPredictor:
    """Asks a fitted model about pictures in memory; no file and no store is touched.

    Parameters
    ----------
    model : Model
        Loaded by `catnocat.load`; its network is loaded here, before the first picture comes.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self.labels = model.labels
        self.judge([Image.new("RGB", (64, 64))])

    def about(self) -> dict[str, Any]:
        """Tell what it is, as plain JSON values."""
        return {
            "method": self._model.method,
            "training": self._model.training,
            "recipe": self._model.recipe.to_dict(),
            "versions": self._model.versions,
            "remarks": list(self._model.remarks),
        }

    def decode(self, content: bytes, max_pixels: int) -> Image.Image:
        """Read a picture."""
        return decode_image(content, max_pixels=max_pixels)

    def judge(
        self, images: Sequence[Image.Image]
    ) -> tuple[NDArray[np.floating[Any]], NDArray[np.integer[Any]]]:
        """Give probabilities and decisions, each (n_images, n_labels)."""
        return self._model.judge(self._model.features.vectors(images))

    def evidence(self, image: Image.Image, label: str) -> Evidence:
        """Tell where a picture shows a label."""
        found = self._model.evidence(image, [label])[0]
        x, y = found.peak
        width, height = found.size
        return Evidence(found.values, (x / width, y / height), _HOW[found.kind])


#: Pictures that are shown to the network together, and their pixels before another one is added.
BATCH = 4
BATCH_PIXELS = 8_000_000


@dataclass(frozen=True)
class Judgement:
    """What a model says of a picture: two rows, a number for each label."""

    probabilities: NDArray[np.floating[Any]]
    decisions: NDArray[np.integer[Any]]


@dataclass
class _Job:
    content: bytes
    future: "Future[Judgement]" = field(default_factory=Future)


class Workers:
    """Threads that judge pictures, each taking together what is waiting.

    How much waits is not bounded here: those who ask are counted at the door.

    Parameters
    ----------
    predictor : Predictor
    max_pixels : int
    threads : int
    """

    def __init__(self, predictor: Predictor, max_pixels: int, threads: int) -> None:
        self._predictor = predictor
        self._max_pixels = max_pixels
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._work, name=f"judge-{number}", daemon=True)
            for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def judge(self, content: bytes) -> "Future[Judgement]":
        """Have a picture judged; a future that is cancelled in time costs nothing."""
        job = _Job(content)
        self._jobs.put(job)
        return job.future

    def close(self) -> None:
        """Let the threads end once they have done what is waiting."""
        self._jobs.put(None)
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while (first := self._jobs.get()) is not None:
            self._answer(list(self._opened(first)))
        self._jobs.put(None)  # for the next thread

    def _opened(self, first: _Job) -> Iterator[tuple["Future[Judgement]", Image.Image]]:
        """Give a job, and some of those that wait, with their pictures."""
        job: _Job | None = first
        count = pixels = 0
        while job is not None:
            if job.future.set_running_or_notify_cancel():
                try:
                    image = self._predictor.decode(job.content, self._max_pixels)
                except BaseException as error:  # the asker's to deal with
                    job.future.set_exception(error)
                else:
                    count, pixels = count + 1, pixels + image.width * image.height
                    yield job.future, image
            job = self._next() if count < BATCH and pixels < BATCH_PIXELS else None

    def _next(self) -> _Job | None:
        try:
            job = self._jobs.get_nowait()
        except queue.Empty:
            return None
        if job is None:
            self._jobs.put(None)  # found again by `_work`
        return job

    def _answer(self, opened: list[tuple["Future[Judgement]", Image.Image]]) -> None:
        if not opened:
            return
        futures, images = zip(*opened, strict=True)
        try:
            rows = zip(*self._predictor.judge(images), strict=True)
            judgements = [Judgement(*row) for row in rows]
        except BaseException as error:
            for future in futures:
                future.set_exception(error)
            return
        for future, judgement in zip(futures, judgements, strict=True):
            future.set_result(judgement)
