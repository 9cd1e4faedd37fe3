"""Scale images with more than 8 bits per channel to 8 bits by the range of their values.

Microscopes, satellites and X-ray detectors store 10, 12 or 14 bits in 16-bit files. Divided by
65,535, such images would be nearly black. The bit depth is therefore declared, or else derived from
the largest value in the file.
"""

import sys
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image, ImageFile

from ..utils import FeatureError
from .image_files import Content

DEPTHS = (8, 10, 12, 14, 16)

_STRIP_ROWS = 64

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


def deep_grey(image: Image.Image, declared: int | None = None) -> Image.Image:
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
    ranges = [(values.min(), values.max()) for _, values in _strips(image)]
    low, high = float(min(low for low, _ in ranges)), float(max(high for _, high in ranges))
    bits = declared or bit_depth(high)
    if declared or (image.mode != "F" and low >= 0 and bits is not None):
        low, high = 0.0, float(2 ** (bits or 16) - 1)
    result = Image.new("L", image.size)
    for top, values in _strips(image):
        scaled = np.rint((values - low) * (255 / max(high - low, 1e-12)))
        result.paste(Image.fromarray(np.clip(scaled, 0, 255).astype(np.uint8)), (0, top))
    return result


def _strips(image: Image.Image) -> Iterator[tuple[int, np.ndarray]]:
    """Yield the first row and the values of strips of an image, to limit the memory for floats."""
    for top in range(0, image.height, _STRIP_ROWS):
        strip = image.crop((0, top, image.width, min(top + _STRIP_ROWS, image.height)))
        yield top, np.nan_to_num(np.asarray(strip, dtype=np.float64), posinf=0, neginf=0)


def deep_colour(
    content: Content,
    opened: Image.Image,
    formats: tuple[str, ...],
    declared: int | None = None,
) -> Image.Image | None:
    """Decode 16-bit colour that uses fewer bits; return None for all other images.

    Pillow keeps only the upper byte of each channel. If it is nearly empty, the file is decoded
    again for the lower byte.

    Parameters
    ----------
    content : bytes or binary file
    opened : PIL.Image.Image
        The same content after Pillow has read the header; it is decoded here.
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
    largest = max(high for _, high in opened.getextrema()[:3])  # type: ignore[misc]
    is_enough = declared >= 15 if declared else largest >= 64  # at least 15 bits
    if is_enough:  # the upper byte is enough
        return None
    source = BytesIO(content) if isinstance(content, bytes) else content
    source.seek(0)
    with Image.open(source, formats=formats) as again:
        try:
            again.tile = [_other_byte(tile) for tile in tiles]
            again.load()
        except (ValueError, KeyError):
            return None
        _join(opened, again, declared or bit_depth(256 * largest + 255) or 16)
    del again
    return opened if opened.mode == "RGB" else opened.convert("RGB")


def _join(upper: Image.Image, lower: Image.Image, bits: int) -> None:
    """Join the upper and lower bytes of values and scale them to 8 bits, in place and in strips."""
    scaled = np.rint(np.arange(2**bits) * (255 / (2**bits - 1))).astype(np.uint8)
    for top in range(0, upper.height, _STRIP_ROWS):
        box = (0, top, upper.width, min(top + _STRIP_ROWS, upper.height))
        high, low = (np.asarray(part.crop(box))[..., :3] for part in (upper, lower))
        values = np.minimum(high.astype(np.uint16) * 256 + low, 2**bits - 1)
        strip = Image.fromarray(scaled[values])
        upper.paste(strip.convert(upper.mode), box[:2])


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
