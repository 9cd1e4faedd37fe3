"""Inspection of a data set: what it holds, versions of one image, and other faults."""

from .inspect import find_flat_images, inspect_dataset
from .page import write_page
from .terminal import print_inspection
from .versions import SIGNALS, Link, Versions, find_versions
from .versions_summary import Copy, describe_versions, rows_to_drop

__all__ = [
    "SIGNALS",
    "Copy",
    "Link",
    "Versions",
    "describe_versions",
    "find_flat_images",
    "find_versions",
    "inspect_dataset",
    "print_inspection",
    "rows_to_drop",
    "write_page",
]
