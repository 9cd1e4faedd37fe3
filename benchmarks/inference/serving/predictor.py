"""The model behind the service, and the threads that run it on batches of waiting images."""

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
class AttributionMap:
    """Where in an image the evidence for a label lies.

    Attributes
    ----------
    map : ndarray of shape (rows, columns)
        Of the whole image; higher is more evidence.
    peak : tuple of float
        x and y of the maximum, relative to width and height.
    method : str
        How the map was computed.
    """

    map: NDArray[np.floating[Any]]
    peak: tuple[float, float]
    method: str


class Predictor(Protocol):
    """A model for images in memory; any number of threads may call it."""

    @property
    def labels(self) -> Sequence[str]:
        """The names of the columns of its predictions."""

    def describe(self) -> dict[str, Any]:
        """Return a description of the model as plain JSON values."""

    def decode(self, content: bytes, max_pixels: int) -> Image.Image:
        """Decode an image; raises `UnreadableImage`."""

    def predict(
        self, images: Sequence[Image.Image]
    ) -> tuple[NDArray[np.floating[Any]], NDArray[np.integer[Any]]]:
        """Return probabilities and predicted labels, both of shape (n_images, n_labels)."""

    def attribute(self, image: Image.Image, label: str) -> AttributionMap:
        """Compute the attribution map of a label."""


_METHOD_NAMES = {"exact": "class activation map", "occlusion": "occlusion map"}


class ModelPredictor:
    """A fitted model for images in memory; neither files nor the store are used.

    Parameters
    ----------
    model : Model
        As returned by `catnocat.load`; its network is loaded now, before the first request.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self.labels = model.labels
        self.predict([Image.new("RGB", (64, 64))])

    def describe(self) -> dict[str, Any]:
        """Return a description of the model as plain JSON values."""
        return {
            "method": self._model.method,
            "training": self._model.training,
            "recipe": self._model.recipe.to_dict(),
            "versions": self._model.versions,
            "warnings": list(self._model.warnings),
        }

    def decode(self, content: bytes, max_pixels: int) -> Image.Image:
        """Decode an image."""
        return decode_image(content, max_pixels=max_pixels, bit_depth=self._model.recipe.bit_depth)

    def predict(
        self, images: Sequence[Image.Image]
    ) -> tuple[NDArray[np.floating[Any]], NDArray[np.integer[Any]]]:
        """Return probabilities and predicted labels, both of shape (n_images, n_labels)."""
        return self._model.predict_vectors(self._model.features.vectors(images))

    def attribute(self, image: Image.Image, label: str) -> AttributionMap:
        """Compute the attribution map of a label."""
        attribution = self._model.attribute(image, [label])[0]
        x, y = attribution.peak
        width, height = attribution.size
        method = _METHOD_NAMES[attribution.kind]
        return AttributionMap(attribution.values, (x / width, y / height), method)


#: Maximum number of images in a batch; no image is added to a batch of BATCH_PIXELS or more.
MAX_BATCH = 4
BATCH_PIXELS = 8_000_000


@dataclass(frozen=True)
class ImagePrediction:
    """The prediction for one image: its probabilities, and 0 or 1 for each label."""

    probabilities: NDArray[np.floating[Any]]
    labels: NDArray[np.integer[Any]]


@dataclass
class _Job:
    content: bytes
    future: "Future[ImagePrediction]" = field(default_factory=Future)


class PredictionWorkers:
    """Threads that predict images; each takes several waiting images as one batch.

    The queue is not bounded here: the number of requests is limited by `ConcurrencyLimit`.

    Parameters
    ----------
    predictor : Predictor
    max_pixels : int
    n_threads : int
    """

    def __init__(self, predictor: Predictor, max_pixels: int, n_threads: int) -> None:
        self._predictor = predictor
        self._max_pixels = max_pixels
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._run, name=f"predict-{number}", daemon=True)
            for number in range(n_threads)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, content: bytes) -> "Future[ImagePrediction]":
        """Queue an image file for prediction; a future that is cancelled early is skipped."""
        job = _Job(content)
        self._jobs.put(job)
        return job.future

    def close(self) -> None:
        """Finish the waiting jobs and stop the threads."""
        self._jobs.put(None)
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        while (first := self._jobs.get()) is not None:
            self._predict(list(self._decode_batch(first)))
        self._jobs.put(None)  # for the next thread

    def _decode_batch(self, first: _Job) -> Iterator[tuple["Future[ImagePrediction]", Image.Image]]:
        """Yield the images of a job and of some waiting jobs."""
        job: _Job | None = first
        count = pixels = 0
        while job is not None:
            if job.future.set_running_or_notify_cancel():
                try:
                    image = self._predictor.decode(job.content, self._max_pixels)
                except BaseException as error:  # raised again in the client's thread
                    job.future.set_exception(error)
                else:
                    count, pixels = count + 1, pixels + image.width * image.height
                    yield job.future, image
            job = self._next_waiting() if count < MAX_BATCH and pixels < BATCH_PIXELS else None

    def _next_waiting(self) -> _Job | None:
        try:
            job = self._jobs.get_nowait()
        except queue.Empty:
            return None
        if job is None:
            self._jobs.put(None)  # read again by `_run`
        return job

    def _predict(self, batch: list[tuple["Future[ImagePrediction]", Image.Image]]) -> None:
        if not batch:
            return
        futures, images = zip(*batch, strict=True)
        try:
            rows = zip(*self._predictor.predict(images), strict=True)
            predictions = [ImagePrediction(*row) for row in rows]
        except BaseException as error:
            for future in futures:
                future.set_exception(error)
            return
        for future, prediction in zip(futures, predictions, strict=True):
            future.set_result(prediction)
