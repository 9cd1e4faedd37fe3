"""Attribution maps: where in an image the evidence for a label lies."""

from .attribution import Attribution, compute_attributions
from .overlay import draw_overlay, max_attribution

__all__ = ["Attribution", "compute_attributions", "draw_overlay", "max_attribution"]
