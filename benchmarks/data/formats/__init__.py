"""Readers of data sets in other formats, each into a LabelTable."""

from .coco import read_coco
from .format import Format
from .image_files import files_left_out, images_below, left_out_sentence, unused_files
from .read import read_dataset
from .registry import FORMATS, detect_formats
from .source import Source
from .voc import read_voc

__all__ = [
    "FORMATS",
    "Format",
    "Source",
    "detect_formats",
    "files_left_out",
    "images_below",
    "left_out_sentence",
    "read_coco",
    "read_dataset",
    "read_voc",
    "unused_files",
]
