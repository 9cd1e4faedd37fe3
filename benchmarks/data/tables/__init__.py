"""Label tables and their readers."""

from .find_images import IMAGE_SUFFIXES, Found, find_as_written, find_images
from .image_paths import read_images_named
from .label_name_checks import check_label_names
from .label_table import LabelTable
from .object_counts import OBJECTS
from .read import READERS, is_table_name, read_label_table, read_records
from .reading_options import EVERY_FORMAT, NAMES, TableOptions, refuse_for_other_formats
from .records import quoted, shown
from .same_image import merge_same_image
from .split import split_parts
from .text import read_bytes, read_text
from .write import write_label_table

__all__ = [
    "EVERY_FORMAT",
    "IMAGE_SUFFIXES",
    "NAMES",
    "OBJECTS",
    "READERS",
    "Found",
    "LabelTable",
    "TableOptions",
    "check_label_names",
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
