"""Fitted models: fit, save, load, predict, explain and serve."""

from .fit import fit_model
from .load import load
from .model import THRESHOLD_RULES, ImageInput, Model, Threshold

__all__ = ["THRESHOLD_RULES", "ImageInput", "Model", "Threshold", "fit_model", "load"]
