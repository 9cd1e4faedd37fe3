"""Pictures in, vectors out, computed once.

Importing this stays cheap: torch and scikit-learn are imported when something needs them.
"""

from typing import TYPE_CHECKING, Any

from .backbones import Backbone, find_backbone
from .cache import cache_folder
from .errors import FeatureError, UnreadableImage
from .extraction import Extraction, extract_features
from .images import read_image
from .planning import plan_recipe
from .preprocessing import Preprocessing
from .progress import Progress, progress_bar
from .recipe import Recipe
from .store import FeatureStore
from .views import View

if TYPE_CHECKING:
    from .frozen import FrozenFeatures

__all__ = [
    "Backbone",
    "Extraction",
    "FeatureError",
    "FeatureStore",
    "FrozenFeatures",
    "Preprocessing",
    "Progress",
    "Recipe",
    "UnreadableImage",
    "View",
    "cache_folder",
    "extract_features",
    "find_backbone",
    "plan_recipe",
    "progress_bar",
    "read_image",
]


def __getattr__(name: str) -> Any:
    if name == "FrozenFeatures":
        from .frozen import FrozenFeatures

        return FrozenFeatures
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
