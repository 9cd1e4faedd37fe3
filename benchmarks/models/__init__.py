"""A fitted model as a file: written once, read for years, without trusting a pickle."""

from .errors import ModelError
from .fit import fit_model
from .load import load
from .model import Model

__all__ = ["Model", "ModelError", "fit_model", "load"]
