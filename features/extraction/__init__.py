"""Extract feature vectors from image files: read stored vectors and compute missing ones."""

from .attribution import CropContributions
from .config import DEFAULT_VIEWS, ExtractionConfig
from .dask_backend import connect_scheduler
from .feature_extractor import Extraction, FeatureExtractor

__all__ = [
    "DEFAULT_VIEWS",
    "CropContributions",
    "Extraction",
    "ExtractionConfig",
    "FeatureExtractor",
    "connect_scheduler",
]
