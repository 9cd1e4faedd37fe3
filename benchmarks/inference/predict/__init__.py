"""Predict any number of images in order, with bounded memory."""

from .sources import ImageSource, find_images
from .stream import PredictionBatch, predict_stream
from .writers import WRITERS, open_output, relative_names

__all__ = [
    "WRITERS",
    "ImageSource",
    "PredictionBatch",
    "find_images",
    "open_output",
    "predict_stream",
    "relative_names",
]
