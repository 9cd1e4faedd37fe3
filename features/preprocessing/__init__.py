"""Decode images, cut views from them, and pool feature maps."""

from .decoding import (
    DECODER,
    check_image,
    decode,
    quiet_pillow,
    read_image,
    read_thumbnail,
    upright_rgb,
)
from .deep_images import check_bit_depth
from .image_files import IMAGE_SUFFIXES, Content, content_digest, open_image
from .pooling import POOLINGS, PRELOGITS, Pooling
from .view_batching import CropVariant, ViewBatching, crop_variants
from .views import Box, Crop, MapView, Preprocessing, View

__all__ = [
    "DECODER",
    "IMAGE_SUFFIXES",
    "POOLINGS",
    "PRELOGITS",
    "Box",
    "Content",
    "Crop",
    "CropVariant",
    "MapView",
    "Pooling",
    "Preprocessing",
    "View",
    "ViewBatching",
    "check_bit_depth",
    "check_image",
    "content_digest",
    "crop_variants",
    "decode",
    "open_image",
    "quiet_pillow",
    "read_image",
    "read_thumbnail",
    "upright_rgb",
]
