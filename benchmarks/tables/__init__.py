"""Label tables and their readers."""

from .label_table import LabelTable
from .read import read_label_table
from .sources import FORMATS, Format, read_dataset
from .write import write_label_table

__all__ = [
    "FORMATS",
    "Format",
    "LabelTable",
    "read_dataset",
    "read_label_table",
    "write_label_table",
]
