"""Object detectors in the comparison: read their results, or run one of torchvision's."""

from .external_predictions import ExternalPredictions, read_external_predictions
from .torchvision_detectors import DETECTORS, detect

__all__ = ["DETECTORS", "ExternalPredictions", "detect", "read_external_predictions"]
