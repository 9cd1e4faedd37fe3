"""What crowds of labels and objects in a picture do to accuracy, and what helps."""

from .interventions import Further, look_further
from .measure import measure_crowding

__all__ = ["Further", "look_further", "measure_crowding"]
