"""The embedded data set: drawn scenes of any combination of animals."""

from .config import MenagerieSettings
from .cooccurrence import foes, friends
from .manifest import digest_in
from .object_counts import number_probabilities
from .rendering import draw_scenes, menagerie
from .sprites import ANIMALS, CREDIT

__all__ = [
    "ANIMALS",
    "CREDIT",
    "MenagerieSettings",
    "digest_in",
    "draw_scenes",
    "foes",
    "friends",
    "menagerie",
    "number_probabilities",
]
