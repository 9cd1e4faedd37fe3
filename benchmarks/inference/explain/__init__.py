"""Explain predictions with overlays and attribution maps."""

from .explain import explain_images
from .pointing_game import evaluate_pointing_game

__all__ = ["evaluate_pointing_game", "explain_images"]
