"""Predict any number of images in order, with bounded memory."""

from .sources import Source, pictures_meant
from .stream import Predictions, predict_stream
from .writers import WRITERS, named_from, opened_output

__all__ = [
    "WRITERS",
    "Predictions",
    "Source",
    "named_from",
    "opened_output",
    "pictures_meant",
    "predict_stream",
]
