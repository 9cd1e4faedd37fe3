"""Detectors as rivals: what they found, in the comparison's own terms, and finding it here."""

from .external_predictions import Rival, read_rivals
from .torchvision_detectors import DETECTORS, detect

__all__ = ["DETECTORS", "Rival", "detect", "read_rivals"]
