"""Label tables and their readers."""

from .file_readers import check_parquet_size, read_bytes, read_text
from .find_images import IMAGE_SUFFIXES, Found, find_as_written, find_images
from .label_names import check_label_names
from .label_table import LabelTable
from .limits import (
    MAX_EXPANSION,
    MIN_LIMITED_BYTES,
    check_expansion,
    check_label_length,
    check_label_matrix,
)
from .merging import merge_same_image
from .read import OBJECTS, READERS, is_table_name, read_images_named, read_label_table, read_records
from .reading_options import EVERY_FORMAT, NAMES, TableOptions, refuse_for_other_formats
from .records import quoted, shown
from .split import split_parts
from .write import write_label_table

__all__ = [
    "EVERY_FORMAT",
    "IMAGE_SUFFIXES",
    "MAX_EXPANSION",
    "MIN_LIMITED_BYTES",
    "NAMES",
    "OBJECTS",
    "READERS",
    "Found",
    "LabelTable",
    "TableOptions",
    "check_expansion",
    "check_label_length",
    "check_label_matrix",
    "check_label_names",
    "check_parquet_size",
    "find_as_written",
    "find_images",
    "is_table_name",
    "merge_same_image",
    "quoted",
    "read_bytes",
    "read_images_named",
    "read_label_table",
    "read_records",
    "read_text",
    "refuse_for_other_formats",
    "shown",
    "split_parts",
    "write_label_table",
]
