"""Data sets: loading, subsets, features.

Names are imported when they are first used, so that `catnocat --help` stays quick.
"""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
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

__getattr__, __dir__, _ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "features": ["Vectors", "vectors_of"],
        "load": ["load_dataset"],
        "region_features": ["Regions", "regions_of"],
        "subset": ["judgeable_labels", "sample_rows", "with_min_positives"],
    },
)
