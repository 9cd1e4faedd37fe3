"""Data sets that can be downloaded by name."""

from .catalogue import NAMED_DATASETS, Archive, NamedDataset
from .install import find_or_download

__all__ = ["NAMED_DATASETS", "Archive", "NamedDataset", "find_or_download"]
