"""Pictures in, vectors out, computed once.

Importing this stays cheap: torch and scikit-learn are imported when something needs them.
"""

from typing import TYPE_CHECKING, Any

from .backbones import Backbone, find_backbone
from .cache import cache_folder
from .catalogue import NamedBackbone, list_backbones
from .engines import has_bfloat16, open_engine
from .errors import FeatureError, UnreadableImage
from .export import Export, export_vectors
from .extraction import Extraction, extract_features
from .images import IMAGE_SUFFIXES, read_image, read_thumbnail, upright_rgb
from .images import decode as decode_image
from .importing import Import, import_vectors
from .inventory import Stored, choose_recipe, recipes_in
from .open_features import OpenFeatures
from .places import Places
from .planning import plan_recipe
from .preprocessing import Preprocessing
from .progress import Progress, progress_bar
from .recipe import Recipe
from .store import FeatureStore
from .tidying import Tidied, tidy_store
from .verification import Damage, Verification, verify_store
from .views import View

if TYPE_CHECKING:
    from .frozen import FrozenFeatures
    from .scheduler import connect_scheduler

__all__ = [
    "IMAGE_SUFFIXES",
    "Backbone",
    "Damage",
    "Export",
    "Extraction",
    "FeatureError",
    "FeatureStore",
    "FrozenFeatures",
    "Import",
    "NamedBackbone",
    "OpenFeatures",
    "Places",
    "Preprocessing",
    "Progress",
    "Recipe",
    "Stored",
    "Tidied",
    "UnreadableImage",
    "Verification",
    "View",
    "cache_folder",
    "choose_recipe",
    "connect_scheduler",
    "decode_image",
    "export_vectors",
    "extract_features",
    "find_backbone",
    "has_bfloat16",
    "import_vectors",
    "list_backbones",
    "open_engine",
    "plan_recipe",
    "progress_bar",
    "read_image",
    "read_thumbnail",
    "recipes_in",
    "tidy_store",
    "upright_rgb",
    "verify_store",
]


def __getattr__(name: str) -> Any:
    if name == "FrozenFeatures":
        from .frozen import FrozenFeatures

        return FrozenFeatures
    if name == "connect_scheduler":
        from .scheduler import connect_scheduler

        return connect_scheduler
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
