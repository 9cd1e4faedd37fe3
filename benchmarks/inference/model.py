"""A fitted model: images in, label probabilities out."""

import threading
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from os import PathLike
from types import TracebackType
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ...features import (
    FeatureExtractor,
    Recipe,
    UnreadableImage,
    decode_image,
    read_image,
    upright_rgb,
)
from ..evaluation import AIMS, apply_thresholds
from ..utils import InputError
from .attribution import Attribution, compute_attributions
from .local_recipe import LocalRecipe, resolve_recipe
from .model_file import ModelRecord

Floats = NDArray[np.floating[Any]]
#: The path of an image file; or an image in memory: the bytes of a file, or a Pillow image.
ImageInput = str | PathLike[str] | bytes | Image.Image
#: Names of the ways to threshold probabilities; a number is also allowed.
THRESHOLD_RULES = (*AIMS, "set")
Threshold = str | float
BLOCK = 64


class Model:
    """A fitted model, as returned by `catnocat.load`.

    The network is loaded for the first image and stays in memory until `close`, or until the end
    of a ``with`` statement. Any number of threads may predict images in memory at the same time.

    Attributes
    ----------
    labels : tuple of str
        The names of the columns of its predictions.
    method : str
        The benchmark's name of the classifier.
    training : dict
        The training data, the selected parameters, and metrics on images that were held out when
        the parameters were selected.
    versions : dict of str to str
        Versions of the libraries at the time of fitting.
    pipeline : sklearn.pipeline.Pipeline
        From feature vectors to probabilities.
    thresholds : dict of str to ndarray of shape (n_labels,)
        For each aim, selected on held-out images; a label is predicted above its threshold.
    novelty : NoveltyDetector or None
        Detector of images that are unlike the training images; None if they were fewer than 200.
    """

    def __init__(
        self,
        record: ModelRecord,
        *,
        store: str | PathLike[str] | None = None,
        use_store: bool = True,
        weights: str | PathLike[str] | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.labels = record.labels
        self.method = record.method
        self.training = record.training
        self.versions = record.versions
        self.pipeline = record.pipeline
        self.thresholds = record.thresholds
        self.novelty = record.novelty
        self._record = record
        self._store: dict[str, Any] = {"store": store, "use_store": use_store}
        self._n_jobs = n_jobs
        self._weights = weights
        self._lock = threading.Lock()
        self._open: FeatureExtractor | None = None

    def __repr__(self) -> str:
        """Return a description in one line."""
        views = " ".join(self._record.recipe.get("views", ()))
        features = f"{self._record.recipe.get('backbone')} {views}".strip()
        return f"Model({self.method!r}: {len(self.labels)} labels, {features})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the network; the next image loads it again."""
        with self._lock:
            if self._open is not None:
                self._open.close()
                self._open = None

    @property
    def record(self) -> ModelRecord:
        """The content of the model file."""
        return self._record

    @property
    def recipe(self) -> Recipe:
        """How this machine computes features from images."""
        return self._local.recipe

    @property
    def warnings(self) -> tuple[str, ...]:
        """One line for each way in which this machine computes features differently."""
        return self._local.warnings

    @property
    def features(self) -> FeatureExtractor:
        """The feature extractor; its network is loaded if needed."""
        with self._lock:
            if self._open is None:
                self._open = self._local.open_features(
                    weights=self._weights, n_jobs=self._n_jobs, **self._store
                )
                self._open.__enter__()
            return self._open

    def predict_proba(
        self, images: Sequence[ImageInput], unreadable: Literal["raise", "nan"] = "raise"
    ) -> Floats:
        """Predict the probability of each label.

        Parameters
        ----------
        images : sequence of paths, or of bytes and PIL.Image.Image
            Either all are paths, whose features are cached in the store; or all are images in
            memory, for which neither the store nor any file is used.
        unreadable : {"raise", "nan"}, default="raise"
            Whether an unreadable image raises an exception or gets a row of NaN.

        Returns
        -------
        ndarray of shape (n_images, n_labels)

        Raises
        ------
        catnocat.features.UnreadableImage
        """
        readable, X = self._extract(images, unreadable)
        probabilities = self.predict_vectors(X)[0]
        P = np.full((len(readable), len(self.labels)), np.nan, probabilities.dtype)
        P[readable] = probabilities
        return P

    def predict(
        self, images: Sequence[ImageInput], threshold: Threshold = "f1"
    ) -> NDArray[np.uint8]:
        """Predict for each label whether an image has it.

        Parameters
        ----------
        images : sequence of paths, or of bytes and PIL.Image.Image
            As for `predict_proba`.
        threshold : {"f1", "hamming", "set"} or float, default="f1"
            How probabilities are thresholded. ``"f1"`` and ``"hamming"``: by a threshold per label,
            selected on held-out images for the highest F1 or the lowest Hamming loss. ``"set"``:
            by the rule for whole label sets that was selected on held-out images, as for the
            benchmark's subset accuracy. A number applies to all labels.

        Returns
        -------
        ndarray of uint8 of shape (n_images, n_labels)
            0 or 1.
        """
        _, X = self._extract(images, "raise")
        return self.predict_vectors(X, threshold)[1]

    def predict_vectors(
        self, X: Floats, threshold: Threshold = "f1"
    ) -> tuple[Floats, NDArray[np.uint8]]:
        """Predict probabilities and labels from feature vectors.

        Parameters
        ----------
        X : ndarray of shape (n_images, n_features)
            Or (n_images, n_regions, n_features) if the recipe keeps regions.
        threshold
            As for `predict`.

        Returns
        -------
        P : ndarray of shape (n_images, n_labels)
            Probabilities.
        Y : ndarray of uint8 of shape (n_images, n_labels)
            Predicted labels.
        """
        if not len(X):
            return np.empty((0, len(self.labels))), np.empty((0, len(self.labels)), np.uint8)
        P = in_blocks(self.pipeline.predict_proba, X)
        if isinstance(threshold, str):
            if threshold not in THRESHOLD_RULES:
                choices = ", ".join(THRESHOLD_RULES)
                raise InputError(f"threshold {threshold!r}: it must be a number, or {choices}")
            if threshold != "set":
                return P, apply_thresholds(P, self.thresholds)[threshold]
            rule = self._record.set_rule
            sets = in_blocks(self.pipeline.predict, X) if rule.source == "sets" else None
            return P, apply_thresholds(P, self.thresholds, sets, rule)["set"]
        return P, (threshold < P).astype(np.uint8)

    def unlike_training(self, X: Floats) -> NDArray[np.bool_] | None:
        """Return whether feature vectors are unlike those of the training images.

        At most 1 % of images of the same source as the training images are flagged.

        Parameters
        ----------
        X : ndarray of shape (n_images, n_features)

        Returns
        -------
        ndarray of bool of shape (n_images,) or None
            None if the model has no detector.
        """
        if self.novelty is None:
            return None
        return in_blocks(self.novelty.flag, X) if len(X) else np.zeros(0, bool)

    def attribute(
        self, image: ImageInput, labels: Sequence[str] | None = None
    ) -> list[Attribution]:
        """Compute attribution maps: where in an image the evidence for labels lies.

        Parameters
        ----------
        image : path, bytes or PIL.Image.Image
            The store is not used.
        labels : sequence of str, optional
            All labels by default.

        Returns
        -------
        list of Attribution
            One per requested label, in their order.
        """
        is_path = isinstance(image, str | PathLike)
        depth = self.recipe.bit_depth
        decoded = (
            read_image(image, depth)  # type: ignore[arg-type]
            if is_path
            else decode_in_memory(image, depth)
        )
        predict_proba = partial(in_blocks, self.pipeline.predict_proba)
        return compute_attributions(
            self.features, self.pipeline, predict_proba, self.labels, decoded, labels
        )

    @cached_property
    def _local(self) -> LocalRecipe:
        return resolve_recipe(self._record.recipe, self._weights)

    def _extract(self, images: Sequence[ImageInput], unreadable: str) -> tuple[Any, Floats]:
        if unreadable not in ("raise", "nan"):
            raise ValueError(f"unreadable must be 'raise' or 'nan', not {unreadable!r}")
        if isinstance(images, str | PathLike | bytes | Image.Image):
            raise TypeError("images must be a list, even for a single image")
        if all(isinstance(image, str | PathLike) for image in images):
            extracted = self.features.run(images)  # type: ignore[arg-type]
            if extracted.skipped and unreadable == "raise":
                raise UnreadableImage(*extracted.skipped[0])
            return extracted.readable, extracted.X
        readable = np.ones(len(images), bool)
        decoded = []
        for row, image in enumerate(images):
            try:
                decoded.append(decode_in_memory(image, self.recipe.bit_depth))
            except UnreadableImage:
                if unreadable == "raise":
                    raise
                readable[row] = False
        return readable, self.features.vectors(decoded)


def decode_in_memory(image: Any, bit_depth: int | None = None) -> Image.Image:
    """Return an image in memory as upright RGB; paths are not accepted."""
    if isinstance(image, bytes | bytearray | memoryview):
        return decode_image(bytes(image), bit_depth=bit_depth)
    if isinstance(image, Image.Image):
        return upright_rgb(image, bit_depth)
    raise TypeError(
        f"images must be all paths, or all bytes and PIL.Image.Image; got a {type(image).__name__}"
        " among images in memory"
    )


def in_blocks(predict: Callable[[Floats], NDArray[Any]], X: Floats) -> NDArray[Any]:
    """Predict rows in blocks of a fixed number of rows; the last block is padded.

    The order of additions in a matrix product depends on the number of rows. With blocks of a fixed
    shape, an image gets the same digits alone and among thousands.
    """
    parts = []
    for start in range(0, len(X), BLOCK):
        block = X[start : start + BLOCK]
        count = len(block)
        if count < BLOCK:
            padding = np.zeros((BLOCK - count, *X.shape[1:]), X.dtype)
            block = np.concatenate([block, padding])
        parts.append(predict(block)[:count])
    return np.concatenate(parts)
