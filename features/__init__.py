"""Image feature extraction with frozen networks; each feature vector is computed once and stored.

Importing this package is cheap: torch and scikit-learn are imported on first use.
"""

from typing import TYPE_CHECKING, Any

from .backbones import Backbone, NamedBackbone, find_backbone, list_backbones
from .concatenation import (
    ConcatenatedFeatures,
    ConcatenatedRecipe,
    blocks_of,
    concatenate_recipes,
    extract_features,
    open_features,
    plan_recipe,
    recipe_from_dict,
    split_views,
)
from .engines import has_bfloat16, open_engine
from .extraction import CropContributions, Extraction, ExtractionConfig, FeatureExtractor
from .preprocessing import (
    IMAGE_SUFFIXES,
    Preprocessing,
    View,
    read_image,
    read_thumbnail,
    upright_rgb,
)
from .preprocessing import decode as decode_image
from .quality import QUALITIES, Quality, find_quality
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
    from .backbones.openclip_backbones import encode_texts, native_view
    from .extraction import connect_scheduler
    from .transformer import FrozenFeatures

__all__ = [
    "IMAGE_SUFFIXES",
    "QUALITIES",
    "Backbone",
    "ConcatenatedFeatures",
    "ConcatenatedRecipe",
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
    "Quality",
    "Recipe",
    "StoredRecipe",
    "UnreadableImage",
    "View",
    "atomic_write",
    "blocks_of",
    "cache_folder",
    "choose_recipe",
    "collect_garbage",
    "concatenate_recipes",
    "connect_scheduler",
    "decode_image",
    "encode_texts",
    "export_vectors",
    "extract_features",
    "find_backbone",
    "find_quality",
    "has_bfloat16",
    "import_vectors",
    "list_backbones",
    "list_recipes",
    "native_view",
    "open_engine",
    "open_features",
    "plan_recipe",
    "progress_bar",
    "read_image",
    "read_thumbnail",
    "recipe_from_dict",
    "split_views",
    "upright_rgb",
    "verify_store",
]


def __getattr__(name: str) -> Any:
    if name == "FrozenFeatures":
        from .transformer import FrozenFeatures

        return FrozenFeatures
    if name in ("encode_texts", "native_view"):
        from .backbones import openclip_backbones

        return getattr(openclip_backbones, name)
    if name == "connect_scheduler":
        from .extraction import connect_scheduler

        return connect_scheduler
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
