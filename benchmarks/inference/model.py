"""A fitted model at work: pictures in, label probabilities out."""

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
    OpenFeatures,
    Recipe,
    UnreadableImage,
    decode_image,
    read_image,
    upright_rgb,
)
from ..evaluation import AIMS, decide
from ..utils import InputError
from .attribution import Evidence, find_evidence
from .local_recipe import LocalRecipe, follow
from .model_file import Sheet

Floats = NDArray[np.floating[Any]]
#: A file by its path, or a picture in memory: the bytes of a file, or one that Pillow opened.
Picture = str | PathLike[str] | bytes | Image.Image
THRESHOLDS = (*AIMS, "set")
Threshold = str | float
BLOCK = 64


class Model:
    """A fitted model; `catnocat.load` gives one.

    Its network is loaded at the first picture and stays until `close`, or until the end of a
    ``with`` statement. Any number of threads may ask about pictures in memory.

    Attributes
    ----------
    labels : tuple of str
        The names of the columns of what it predicts.
    method : str
        The benchmark's name of the classifier.
    training : dict
        What it was fitted on, which parameters were chosen, and how good it was on images that
        were held out of the fits then.
    versions : dict of str to str
        Of the libraries it was fitted with.
    pipeline : sklearn.pipeline.Pipeline
        From vectors of features to probabilities.
    thresholds : dict of str to ndarray of shape (n_labels,)
        Chosen on held-out images, by what they aim at; more is a yes.
    """

    def __init__(
        self,
        sheet: Sheet,
        *,
        store: str | PathLike[str] | None = None,
        keep: bool = True,
        weights: str | PathLike[str] | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.labels = sheet.labels
        self.method = sheet.method
        self.training = sheet.training
        self.versions = sheet.versions
        self.pipeline = sheet.pipeline
        self.thresholds = sheet.thresholds
        self._sheet = sheet
        self._features: dict[str, Any] = {"store": store, "keep": keep, "n_jobs": n_jobs}
        self._weights = weights
        self._opening = threading.Lock()
        self._open: OpenFeatures | None = None

    def __repr__(self) -> str:
        """Say what it is in one line."""
        views = " ".join(self._sheet.recipe.get("views", ()))
        seen = f"{self._sheet.recipe.get('backbone')} {views}".strip()
        return f"Model({self.method!r}: {len(self.labels)} labels, {seen})"

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
        """Let go of the network; the next picture loads it again."""
        with self._opening:
            if self._open is not None:
                self._open.close()
                self._open = None

    @property
    def recipe(self) -> Recipe:
        """How pictures become vectors on this machine."""
        return self._local.recipe

    @property
    def remarks(self) -> tuple[str, ...]:
        """One line for each way in which this machine makes features otherwise."""
        return self._local.remarks

    @property
    def features(self) -> OpenFeatures:
        """The network, loaded now if it is not yet."""
        with self._opening:
            if self._open is None:
                local = self._local
                self._open = OpenFeatures(local.backbone, local.recipe, **self._features)
                self._open.__enter__()
            return self._open

    def predict_proba(
        self, pictures: Sequence[Picture], unreadable: Literal["raise", "nan"] = "raise"
    ) -> Floats:
        """Give the probability of each label.

        Parameters
        ----------
        pictures : sequence of paths, or of bytes and PIL.Image.Image
            Files, whose features go through the store; or pictures in memory, for which neither
            the store nor any file is touched.
        unreadable : {"raise", "nan"}, default="raise"
            What becomes of a picture that cannot be read.

        Returns
        -------
        ndarray of shape (n_pictures, n_labels)

        Raises
        ------
        catnocat.features.UnreadableImage
        """
        found, X = self._vectors(pictures, unreadable)
        answers = self.judge(X)[0]
        P = np.full((len(found), len(self.labels)), np.nan, answers.dtype)
        P[found] = answers
        return P

    def predict(
        self, pictures: Sequence[Picture], threshold: Threshold = "f1"
    ) -> NDArray[np.uint8]:
        """Decide for each label whether a picture shows it.

        Parameters
        ----------
        pictures : sequence of paths, or of bytes and PIL.Image.Image
            As for `predict_proba`.
        threshold : {"f1", "hamming", "set"} or float, default="f1"
            Which probability is a yes. By label, chosen on held-out images: the threshold of the
            highest F1, or of the fewest wrong answers. ``"set"``: by the rule for whole label
            sets that was chosen on held-out images, as for the benchmark's subset accuracy. A
            number is for all labels.

        Returns
        -------
        ndarray of uint8 of shape (n_pictures, n_labels)
            0 or 1.
        """
        _, X = self._vectors(pictures, "raise")
        return self.judge(X, threshold)[1]

    def judge(self, X: Floats, threshold: Threshold = "f1") -> tuple[Floats, NDArray[np.uint8]]:
        """Give probabilities and decisions for vectors of features.

        Parameters
        ----------
        X : ndarray of shape (n_pictures, n_features)
            Or with the regions between, where the recipe keeps them.
        threshold
            As for `predict`.

        Returns
        -------
        P, decisions : ndarrays of shape (n_pictures, n_labels)
        """
        if not len(X):
            return np.empty((0, len(self.labels))), np.empty((0, len(self.labels)), np.uint8)
        P = in_blocks(self.pipeline.predict_proba, X)
        if isinstance(threshold, str):
            if threshold not in THRESHOLDS:
                choices = ", ".join(THRESHOLDS)
                raise InputError(f"threshold {threshold!r}: it must be a number, or {choices}")
            if threshold != "set":
                return P, decide(P, self.thresholds)[threshold]
            rule = self._sheet.set_rule
            sets = in_blocks(self.pipeline.predict, X) if rule.source == "sets" else None
            return P, decide(P, self.thresholds, sets, rule)["set"]
        return P, (threshold < P).astype(np.uint8)

    def evidence(self, picture: Picture, labels: Sequence[str] | None = None) -> list[Evidence]:
        """Find out where in a picture the evidence for labels lies.

        Parameters
        ----------
        picture : path, bytes or PIL.Image.Image
            A path is read; no store is asked.
        labels : sequence of str, optional
            All if not given.

        Returns
        -------
        list of Evidence
            One per label asked for, in that order.
        """
        is_path = isinstance(picture, str | PathLike)
        image = read_image(picture) if is_path else in_memory(picture)  # type: ignore[arg-type]
        ask = partial(in_blocks, self.pipeline.predict_proba)
        return find_evidence(self.features, self.pipeline, ask, self.labels, image, labels)

    @cached_property
    def _local(self) -> LocalRecipe:
        return follow(self._sheet.recipe, self._weights)

    def _vectors(self, pictures: Sequence[Picture], unreadable: str) -> tuple[Any, Floats]:
        if unreadable not in ("raise", "nan"):
            raise ValueError(f"unreadable must be 'raise' or 'nan', not {unreadable!r}")
        if isinstance(pictures, str | PathLike | bytes | Image.Image):
            raise TypeError("give a list of pictures, also of one")
        if all(isinstance(picture, str | PathLike) for picture in pictures):
            found = self.features.extract(pictures)  # type: ignore[arg-type]
            if found.skipped and unreadable == "raise":
                raise UnreadableImage(*found.skipped[0])
            return found.readable, found.X
        readable = np.ones(len(pictures), bool)
        images = []
        for number, picture in enumerate(pictures):
            try:
                images.append(in_memory(picture))
            except UnreadableImage:
                if unreadable == "raise":
                    raise
                readable[number] = False
        return readable, self.features.vectors(images)


def in_memory(picture: Any) -> Image.Image:
    """Give a picture in memory as upright RGB; a path is none."""
    if isinstance(picture, bytes | bytearray | memoryview):
        return decode_image(bytes(picture))
    if isinstance(picture, Image.Image):
        return upright_rgb(picture)
    raise TypeError(
        f"pictures are paths, or bytes and PIL.Image.Image, not a {type(picture).__name__} beside"
        " others"
    )


def in_blocks(answer: Callable[[Floats], NDArray[Any]], X: Floats) -> NDArray[Any]:
    """Ask about rows in blocks that always have the same shape.

    A matrix product of few rows adds up in another order than one of many: so a picture is told the
    same digits alone as among thousands.
    """
    parts = []
    for start in range(0, len(X), BLOCK):
        block = X[start : start + BLOCK]
        count = len(block)
        if count < BLOCK:
            empty = np.zeros((BLOCK - count, *X.shape[1:]), X.dtype)
            block = np.concatenate([block, empty])
        parts.append(answer(block)[:count])
    return np.concatenate(parts)
