"""A fitted model in a browser and behind a JSON API."""

from .guard import Guard
from .heap import keep_heap_small
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
    "keep_heap_small",
    "make_service",
    "serve",
]
