"""A web page and a JSON API for a fitted model."""

from .predictor import AttributionMap, ModelPredictor, Predictor
from .server import SecurityMiddleware, is_loopback, serve, tune_malloc
from .service import create_app
from .uploads import Limits

__all__ = [
    "AttributionMap",
    "Limits",
    "ModelPredictor",
    "Predictor",
    "SecurityMiddleware",
    "create_app",
    "is_loopback",
    "serve",
    "tune_malloc",
]
