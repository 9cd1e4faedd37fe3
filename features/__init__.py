"""Image feature extraction with frozen networks; each feature vector is computed once and stored.

Importing this package is cheap: torch and scikit-learn are imported on first use.
"""

from typing import TYPE_CHECKING, Any

from .backbones import Backbone, NamedBackbone, find_backbone, list_backbones
from .engines import has_bfloat16, open_engine
from .extraction import (
    CropContributions,
    Extraction,
    ExtractionConfig,
    FeatureExtractor,
    extract_features,
    plan_recipe,
)
from .preprocessing import (
    IMAGE_SUFFIXES,
    Preprocessing,
    View,
    read_image,
    read_thumbnail,
    upright_rgb,
)
from .preprocessing import decode as decode_image
from .store import (
    Damage,
    Export,
    FeatureStore,
    GCReport,
    Import,
    IntegrityReport,
    Recipe,
    StoredRecipe,
    choose_recipe,
    collect_garbage,
    export_vectors,
    import_vectors,
    list_recipes,
    verify_store,
)
from .utils import (
    FeatureError,
    Progress,
    ProgressReporter,
    UnreadableImage,
    atomic_write,
    cache_folder,
    progress_bar,
)

if TYPE_CHECKING:
    from .extraction import connect_scheduler
    from .transformer import FrozenFeatures

__all__ = [
    "IMAGE_SUFFIXES",
    "Backbone",
    "CropContributions",
    "Damage",
    "Export",
    "Extraction",
    "ExtractionConfig",
    "FeatureError",
    "FeatureExtractor",
    "FeatureStore",
    "FrozenFeatures",
    "GCReport",
    "Import",
    "IntegrityReport",
    "NamedBackbone",
    "Preprocessing",
    "Progress",
    "ProgressReporter",
    "Recipe",
    "StoredRecipe",
    "UnreadableImage",
    "View",
    "atomic_write",
    "cache_folder",
    "choose_recipe",
    "collect_garbage",
    "connect_scheduler",
    "decode_image",
    "export_vectors",
    "extract_features",
    "find_backbone",
    "has_bfloat16",
    "import_vectors",
    "list_backbones",
    "list_recipes",
    "open_engine",
    "plan_recipe",
    "progress_bar",
    "read_image",
    "read_thumbnail",
    "upright_rgb",
    "verify_store",
]


def __getattr__(name: str) -> Any:
    if name == "FrozenFeatures":
        from .transformer import FrozenFeatures

        return FrozenFeatures
    if name == "connect_scheduler":
        from .extraction import connect_scheduler

        return connect_scheduler
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
