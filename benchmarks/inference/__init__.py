"""Fitted models: fit, save, load, predict, explain and serve."""

from .fit import fit_model
from .load import load
from .model import THRESHOLDS, Model, Picture, Threshold

__all__ = ["THRESHOLDS", "Model", "Picture", "Threshold", "fit_model", "load"]
