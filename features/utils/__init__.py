"""Errors, files, digests and progress bars: what the other sub-packages share."""

from .digests import DigestCache, Stamp, cached_file_digest, file_digest, take_stamp
from .errors import FeatureError, UnreadableImage, one_line
from .files import cache_folder, told_in_one_line, write_synced, write_whole
from .progress import Progress, progress_bar

__all__ = [
    "DigestCache",
    "FeatureError",
    "Progress",
    "Stamp",
    "UnreadableImage",
    "cache_folder",
    "cached_file_digest",
    "file_digest",
    "one_line",
    "progress_bar",
    "take_stamp",
    "told_in_one_line",
    "write_synced",
    "write_whole",
]
