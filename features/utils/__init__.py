"""Shared utilities: errors, files, digests and progress bars."""

from .digests import DigestCache, Stamp, cached_file_digest, file_digest, take_stamp
from .errors import FeatureError, UnreadableImage, one_line
from .files import (
    atomic_write,
    cache_folder,
    report_os_errors,
    synced_write,
    write_synced,
    write_whole,
)
from .progress import Progress, progress_bar

__all__ = [
    "DigestCache",
    "FeatureError",
    "Progress",
    "Stamp",
    "UnreadableImage",
    "atomic_write",
    "cache_folder",
    "cached_file_digest",
    "file_digest",
    "one_line",
    "progress_bar",
    "report_os_errors",
    "synced_write",
    "take_stamp",
    "write_synced",
    "write_whole",
]
