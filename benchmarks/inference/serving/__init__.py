"""A fitted model in a browser and behind a JSON API."""

from .limits import Limits
from .predictor import Evidence, ModelPredictor, Predictor
from .security_middleware import Guard
from .server import is_loopback, keep_heap_small, serve
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
