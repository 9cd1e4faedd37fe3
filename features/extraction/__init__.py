"""Extract feature vectors from image files: read stored vectors and compute missing ones."""

from .attribution import CropContributions
from .dask_backend import connect_scheduler
from .exporting import Export, export_vectors
from .extraction import Extraction, extract_features
from .feature_extractor import FeatureExtractor
from .planning import DEFAULT_VIEWS, plan_recipe

__all__ = [
    "DEFAULT_VIEWS",
    "CropContributions",
    "Export",
    "Extraction",
    "FeatureExtractor",
    "connect_scheduler",
    "export_vectors",
    "extract_features",
    "plan_recipe",
]
