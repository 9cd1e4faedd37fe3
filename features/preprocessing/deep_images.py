"""Scale images with more than 8 bits per channel to 8 bits by the range of their values.

Microscopes, satellites and X-ray detectors store 10, 12 or 14 bits in 16-bit files. Divided by
65,535, such images would be nearly black. The bit depth is therefore declared, or else derived from
the largest value in the file.
"""

import sys
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image, ImageFile

from ..utils import FeatureError

DEPTHS = (8, 10, 12, 14, 16)

_OTHER_BYTE = {"16L": "16B", "16B": "16L"}


def bit_depth(largest: float) -> int | None:
    """Return the smallest usual bit depth that can hold a value; None above 16 bits.

    Examples
    --------
    >>> bit_depth(4095), bit_depth(4096), bit_depth(70_000)
    (12, 14, None)
    """
    return next((bits for bits in DEPTHS if largest < 2**bits), None)


def check_bit_depth(bits: int | None) -> None:
    """Raise FeatureError unless a declared bit depth is None or from 8 to 16."""
    if bits is not None and bits not in range(8, 17):
        raise FeatureError(f"bit depth {bits}: must be from 8 to 16")


def deep_grey(image: Image.Image, declared: int | None = None) -> np.ndarray:
    """Scale greyscale values of more than 8 bits to 8 bits.

    Integers from 0 to 65,535 are scaled by their bit depth, all other values by their minimum and
    maximum.

    Parameters
    ----------
    image : PIL.Image.Image
    declared : int, optional
        Bit depth of the values; larger values become white. By default the depth is derived from
        the largest value.
    """
    values = np.nan_to_num(np.asarray(image, dtype=np.float64), posinf=0, neginf=0)
    low, high = float(values.min()), float(values.max())
    bits = declared or bit_depth(high)
    if declared or (image.mode != "F" and low >= 0 and bits is not None):
        low, high = 0.0, float(2 ** (bits or 16) - 1)
    scaled = (values - low) * (255 / max(high - low, 1e-12))
    return np.rint(np.clip(scaled, 0, 255)).astype(np.uint8)


def deep_colour(
    data: bytes, opened: Image.Image, formats: tuple[str, ...], declared: int | None = None
) -> Image.Image | None:
    """Decode 16-bit colour that uses fewer bits; return None for all other images.

    Pillow keeps only the upper byte of each channel. If it is nearly empty, the file is decoded
    again for the lower byte.

    Parameters
    ----------
    data : bytes
    opened : PIL.Image.Image
        The same bytes after Pillow has read the header; it is decoded here.
    formats : tuple of str
    declared : int, optional
        Bit depth of the values.
    """
    if not isinstance(opened, ImageFile.ImageFile) or opened.format not in ("PNG", "TIFF"):
        return None
    if opened.mode not in ("RGB", "RGBA", "RGBX"):
        return None
    if not any(";16" in _raw_mode(tile) for tile in opened.tile):
        return None
    tiles = opened.tile
    opened.load()
    upper = np.asarray(opened)[..., :3]
    enough = declared >= 15 if declared else upper.max() >= 64  # at least 15 bits
    if enough:  # the upper byte is enough
        return None
    with Image.open(BytesIO(data), formats=formats) as again:
        try:
            again.tile = [_other_byte(tile) for tile in tiles]
            again.load()
        except (ValueError, KeyError):
            return None
        values = upper.astype(np.uint16) * 256 + np.asarray(again)[..., :3]
    scale = 255 / (2 ** (declared or bit_depth(int(values.max())) or 16) - 1)
    return Image.fromarray(np.rint(np.minimum(values * scale, 255)).astype(np.uint8))


def _raw_mode(tile: Any) -> str:
    arguments = tile[3]
    mode = arguments if isinstance(arguments, str) else (arguments or ("",))[0]
    return mode if isinstance(mode, str) else ""


def _other_byte(tile: Any) -> Any:
    """Return a tile that reads the other byte of 16-bit channels."""
    raw = _raw_mode(tile)
    name, _, order = raw.partition(";")
    if order == "16N":
        order = "16L" if sys.byteorder == "little" else "16B"
    swapped = f"{name};{_OTHER_BYTE[order]}"
    arguments = swapped if isinstance(tile[3], str) else (swapped, *tile[3][1:])
    return tile._replace(args=arguments)
