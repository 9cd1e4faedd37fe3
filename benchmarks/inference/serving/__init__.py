"""A web page and a JSON API for a fitted model."""

from .limits import Limits
from .predictor import AttributionMap, ModelPredictor, Predictor
from .security_middleware import SecurityMiddleware
from .server import is_loopback, serve, tune_malloc
from .service import create_app

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
