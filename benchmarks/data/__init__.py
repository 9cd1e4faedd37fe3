"""Data sets: loading, subsets, features.

Names are imported on first use, so that `catnocat --help` stays fast.
"""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from .features import Vectors, load_vectors
    from .in_memory import DataLike, table_in_memory
    from .load import load_dataset
    from .region_features import Regions, load_regions
    from .subset import sample_rows, scorable_labels, with_min_positives

__all__ = [
    "DataLike",
    "Regions",
    "Vectors",
    "load_dataset",
    "load_regions",
    "load_vectors",
    "sample_rows",
    "scorable_labels",
    "table_in_memory",
    "with_min_positives",
]

__getattr__, __dir__, _ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "features": ["Vectors", "load_vectors"],
        "in_memory": ["DataLike", "table_in_memory"],
        "load": ["load_dataset"],
        "region_features": ["Regions", "load_regions"],
        "subset": ["scorable_labels", "sample_rows", "with_min_positives"],
    },
)
