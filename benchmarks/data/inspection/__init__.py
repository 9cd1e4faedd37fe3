"""Inspection of a data set: what it holds, versions of one image, and other faults."""

from .duplicates import Copy, drop_duplicates_across_splits, rows_to_drop
from .flat_images import find_flat_images
from .inspect import inspect_dataset
from .page import write_page
from .terminal import print_inspection
from .versions import SIGNALS, Link, Versions, find_versions
from .versions_summary import describe_versions

__all__ = [
    "SIGNALS",
    "Copy",
    "Link",
    "Versions",
    "describe_versions",
    "drop_duplicates_across_splits",
    "find_flat_images",
    "find_versions",
    "inspect_dataset",
    "print_inspection",
    "rows_to_drop",
    "write_page",
]
