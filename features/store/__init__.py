"""Feature vectors on disk: shards, row index, integrity check, garbage collection, import."""

from .feature_store import FeatureStore
from .garbage_collection import GCReport, collect_garbage
from .importing import IMPORTED, Import, find_imported, import_vectors
from .integrity import Damage, IntegrityReport, verify_store
from .memory_store import MemoryStore
from .recipe import Recipe
from .row_index import DIGEST_BYTES, as_array
from .shard_writer import SHARD_ROWS, ShardWriter
from .store_listing import StoredRecipe, choose_recipe, list_recipes

__all__ = [
    "DIGEST_BYTES",
    "IMPORTED",
    "SHARD_ROWS",
    "Damage",
    "FeatureStore",
    "GCReport",
    "Import",
    "IntegrityReport",
    "MemoryStore",
    "Recipe",
    "ShardWriter",
    "StoredRecipe",
    "as_array",
    "choose_recipe",
    "collect_garbage",
    "find_imported",
    "import_vectors",
    "list_recipes",
    "verify_store",
]
