"""The data sets that can be fetched by name."""

from .catalogue import NAMED_SETS, Archive, NamedSet
from .obtain import obtain

__all__ = ["NAMED_SETS", "Archive", "NamedSet", "obtain"]
