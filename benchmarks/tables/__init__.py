"""Label tables and their readers."""

from .label_table import LabelTable
from .objects import OBJECTS
from .pictures_named import read_pictures_named
from .read import READERS, is_table_name, read_label_table, read_records
from .records import shown
from .split import split_parts
from .text import read_bytes, read_text
from .write import write_label_table

__all__ = [
    "OBJECTS",
    "READERS",
    "LabelTable",
    "is_table_name",
    "read_bytes",
    "read_label_table",
    "read_pictures_named",
    "read_records",
    "read_text",
    "shown",
    "split_parts",
    "write_label_table",
]
