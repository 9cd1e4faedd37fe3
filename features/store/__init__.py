"""Feature vectors on disk: shards, row index, integrity check, garbage collection, exchange."""

from .exchange import (
    IMPORTED,
    Export,
    Import,
    export_vectors,
    find_imported,
    import_vectors,
)
from .feature_store import SHARD_ROWS, FeatureStore, MemoryStore
from .garbage_collection import GCReport, collect_garbage
from .integrity import Damage, IntegrityReport, verify_store
from .pending_images import BatchResult, NumberedPath, PendingImages
from .recipe import Recipe
from .store_listing import StoredRecipe, choose_recipe, list_recipes

__all__ = [
    "IMPORTED",
    "SHARD_ROWS",
    "BatchResult",
    "Damage",
    "Export",
    "FeatureStore",
    "GCReport",
    "Import",
    "IntegrityReport",
    "MemoryStore",
    "NumberedPath",
    "PendingImages",
    "Recipe",
    "StoredRecipe",
    "choose_recipe",
    "collect_garbage",
    "export_vectors",
    "find_imported",
    "import_vectors",
    "list_recipes",
    "verify_store",
]
