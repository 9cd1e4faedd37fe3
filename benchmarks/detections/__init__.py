"""Detectors as rivals: what they found, in the comparison's own terms, and finding it here."""

from .detect import detect
from .networks import DETECTORS
from .rival import Rival, read_rivals

__all__ = ["DETECTORS", "Rival", "detect", "read_rivals"]
