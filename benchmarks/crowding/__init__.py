"""What crowds of labels and objects in a picture do to accuracy, and what helps."""

from .measure import measure_crowding

__all__ = ["measure_crowding"]
