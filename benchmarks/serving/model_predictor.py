"""A model file's model, as what is served."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ...features import decode_image
from ..models import Model
from .predictor import Evidence

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
