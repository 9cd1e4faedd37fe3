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
from .deep_images import check_bit_depth
from .input_spec import Preprocessing
from .pooling import POOLINGS, PRELOGITS, Pooling
from .view_batching import SharedPasses, Shown, shown_by
from .views import Box, Crop, MapView, View

__all__ = [
    "DECODER",
    "IMAGE_SUFFIXES",
    "POOLINGS",
    "PRELOGITS",
    "Box",
    "Crop",
    "MapView",
    "Pooling",
    "Preprocessing",
    "SharedPasses",
    "Shown",
    "View",
    "check_bit_depth",
    "decode",
    "quiet_pillow",
    "read_file",
    "read_image",
    "read_thumbnail",
    "shown_by",
    "upright_rgb",
]
