"""Decode images, cut views from them, and pool feature maps."""

from .decoding import (
    DECODER,
    IMAGE_SUFFIXES,
    decode,
    quiet_pillow,
    read_file,
    read_image,
    read_thumbnail,
    upright_rgb,
)
from .input_spec import Preprocessing
from .pooling import POOLINGS, PRELOGITS, Pooling
from .view_batching import CropVariant, ViewBatching, crop_variants
from .views import Box, Crop, MapView, View

__all__ = [
    "DECODER",
    "IMAGE_SUFFIXES",
    "POOLINGS",
    "PRELOGITS",
    "Box",
    "Crop",
    "CropVariant",
    "MapView",
    "Pooling",
    "Preprocessing",
    "View",
    "ViewBatching",
    "crop_variants",
    "decode",
    "quiet_pillow",
    "read_file",
    "read_image",
    "read_thumbnail",
    "upright_rgb",
]
