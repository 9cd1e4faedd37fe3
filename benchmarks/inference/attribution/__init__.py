"""Attribution maps: where in an image the evidence for a label lies."""

from .attribution import Evidence, find_evidence
from .overlay import draw_overlay, highest

__all__ = ["Evidence", "draw_overlay", "find_evidence", "highest"]
