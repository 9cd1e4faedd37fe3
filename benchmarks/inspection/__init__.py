"""Looking after a data set: what is in it, and what is wrong with it."""

from .duplicates import NEAR, copies_across_splits, drop_duplicates_across_splits
from .inspect import inspect_dataset
from .page import write_page
from .terminal import print_inspection

__all__ = [
    "NEAR",
    "copies_across_splits",
    "drop_duplicates_across_splits",
    "inspect_dataset",
    "print_inspection",
    "write_page",
]
