"""The menagerie: an embedded data set of drawn scenes that show any combination of animals.

Names are imported on first use, so that `catnocat --help` stays fast.
"""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from .composition import animal_count_probabilities, cooccurring_pairs, exclusive_pairs
    from .config import MenagerieSettings
    from .manifest import has_shared_elements, read_digest
    from .rendering import draw_scenes, menagerie
    from .sprites import ANIMALS, CREDIT

__all__ = [
    "ANIMALS",
    "CREDIT",
    "MenagerieSettings",
    "animal_count_probabilities",
    "cooccurring_pairs",
    "draw_scenes",
    "exclusive_pairs",
    "has_shared_elements",
    "menagerie",
    "read_digest",
]

__getattr__, __dir__, _ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "composition": ["animal_count_probabilities", "cooccurring_pairs", "exclusive_pairs"],
        "config": ["MenagerieSettings"],
        "manifest": ["has_shared_elements", "read_digest"],
        "rendering": ["draw_scenes", "menagerie"],
        "sprites": ["ANIMALS", "CREDIT"],
    },
)
