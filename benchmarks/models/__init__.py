"""A fitted model as a file: written once, read for years, without trusting a pickle."""

from .errors import ModelError
from .fit import fit_model
from .load import load
from .model import THRESHOLDS, Model, Picture, Threshold
from .output import named_from, opened_output
from .sources import Source, pictures_meant
from .stream import Predictions, predict_stream
from .writers import WRITERS

__all__ = [
    "THRESHOLDS",
    "WRITERS",
    "Model",
    "ModelError",
    "Picture",
    "Predictions",
    "Source",
    "Threshold",
    "fit_model",
    "load",
    "named_from",
    "opened_output",
    "pictures_meant",
    "predict_stream",
]
