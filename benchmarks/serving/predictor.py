"""What is served: something that judges pictures in memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image


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
