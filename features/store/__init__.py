"""Feature vectors on disk: shards, row index, integrity check, garbage collection, import."""

from .feature_store import FeatureStore
from .garbage_collection import Tidied, tidy_store
from .importing import IMPORTED, Import, find_imported, import_vectors
from .integrity import Damage, Verification, verify_store
from .memory_store import MemoryStore
from .recipe import Recipe
from .row_index import DIGEST_BYTES, as_array
from .shard_writer import SHARD_ROWS, ShardWriter
from .store_listing import Stored, choose_recipe, recipes_in

__all__ = [
    "DIGEST_BYTES",
    "IMPORTED",
    "SHARD_ROWS",
    "Damage",
    "FeatureStore",
    "Import",
    "MemoryStore",
    "Recipe",
    "ShardWriter",
    "Stored",
    "Tidied",
    "Verification",
    "as_array",
    "choose_recipe",
    "find_imported",
    "import_vectors",
    "recipes_in",
    "tidy_store",
    "verify_store",
]
