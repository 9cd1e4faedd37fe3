"""A fitted model in a browser and behind a JSON API."""

from .guard import Guard
from .limits import Limits
from .model_predictor import ModelPredictor
from .predictor import Evidence, Predictor
from .server import is_loopback, serve
from .service import make_service

__all__ = [
    "Evidence",
    "Guard",
    "Limits",
    "ModelPredictor",
    "Predictor",
    "is_loopback",
    "make_service",
    "serve",
]
