"""Where in a picture a model sees what it says."""

from .evidence import Evidence, find_evidence

__all__ = ["Evidence", "find_evidence"]
