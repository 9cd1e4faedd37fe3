"""Where in a picture a model sees what it says."""

from .evidence import Evidence, find_evidence
from .explain import explain_pictures
from .overlay import draw_overlay, highest
from .pointing_game import play_pointing_game

__all__ = [
    "Evidence",
    "draw_overlay",
    "explain_pictures",
    "find_evidence",
    "highest",
    "play_pointing_game",
]
