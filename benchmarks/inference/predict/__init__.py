"""Predict any number of images in order, with bounded memory."""

from .actions import Action, SortIntoFolders, WriteKeywords, open_contact_sheet
from .sources import ImageSource, find_images
from .stream import PredictionBatch, predict_stream
from .writers import FORMATS, make_writer, open_output, printable, relative_names

__all__ = [
    "FORMATS",
    "Action",
    "ImageSource",
    "PredictionBatch",
    "SortIntoFolders",
    "WriteKeywords",
    "find_images",
    "make_writer",
    "open_contact_sheet",
    "open_output",
    "predict_stream",
    "printable",
    "relative_names",
]
