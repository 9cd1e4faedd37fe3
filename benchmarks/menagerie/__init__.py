"""The embedded data set: drawn scenes of any combination of animals."""

from .animals import ANIMALS, CREDIT
from .company import foes, friends
from .drawing import draw_scenes, menagerie
from .herds import number_probabilities
from .papers import digest_in
from .settings import MenagerieSettings

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
