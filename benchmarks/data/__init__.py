"""Data sets: loading, subsets, features."""

from .features import Vectors, vectors_of
from .load import load_dataset
from .region_features import Regions, regions_of
from .subset import judgeable_labels, sample_rows, with_min_positives

__all__ = [
    "Regions",
    "Vectors",
    "judgeable_labels",
    "load_dataset",
    "regions_of",
    "sample_rows",
    "vectors_of",
    "with_min_positives",
]
