"""A fitted model at work: pictures in, label probabilities out."""

import threading
from collections.abc import Sequence
from functools import cached_property
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
from ..evidence import Evidence, find_evidence
from .local_recipe import LocalRecipe, follow
from .sheet import Sheet

Floats = NDArray[np.floating[Any]]
#: A file by its path, or a picture in memory: the bytes of a file, or one that Pillow opened.
Picture = str | PathLike[str] | bytes | Image.Image


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
        P = np.full((len(found), len(self.labels)), np.nan)
        if len(X):
            P = P.astype((answers := self.pipeline.predict_proba(X)).dtype)
            P[found] = answers
        return P

    def predict(self, pictures: Sequence[Picture]) -> NDArray[np.int64]:
        """Decide for each label whether a picture shows it, as the method decides.

        Parameters
        ----------
        pictures : sequence of paths, or of bytes and PIL.Image.Image
            As for `predict_proba`.

        Returns
        -------
        ndarray of int of shape (n_pictures, n_labels)
            0 or 1.
        """
        _, X = self._vectors(pictures, "raise")
        if not len(X):
            return np.empty((0, len(self.labels)), np.int64)
        decisions: NDArray[np.int64] = self.pipeline.predict(X)
        return decisions

    def judge(self, X: Floats) -> tuple[Floats, NDArray[np.int64]]:
        """Give the probabilities and the decisions for vectors of features.

        Parameters
        ----------
        X : ndarray of shape (n_pictures, n_features)
            Or with the regions between, where the recipe keeps them.
        """
        return self.pipeline.predict_proba(X), self.pipeline.predict(X)

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
        return find_evidence(self.features, self.pipeline, self.labels, image, labels)

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
