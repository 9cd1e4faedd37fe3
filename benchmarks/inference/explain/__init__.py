"""Explain predictions with overlays and figures."""

from .explain import explain_pictures
from .pointing_game import play_pointing_game

__all__ = ["explain_pictures", "play_pointing_game"]
