"""Decode an image file to upright 8-bit RGB, or report why this is not possible.

Transparent areas become white. Deep images (more than 8 bits per channel) are scaled by the range
of their values, see `deep_images`. Of an animation, the first frame is used. A truncated file is an
error, since its missing part would appear as grey.
"""

import functools
import importlib
import os
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from os import PathLike
from typing import BinaryIO

import numpy as np
import PIL
from PIL import ExifTags, Image, UnidentifiedImageError

from ..utils import UnreadableImage, one_line
from . import decoding as jpeg
from .deep_images import deep_colour, deep_grey

try:
    import simplejpeg
except ImportError:
    simplejpeg = None

#: Name and version of the JPEG decoder for the recipe, or None.
NAME = None
if simplejpeg is not None:
    NAME = "simplejpeg-" + ".".join(simplejpeg.__version__.split(".")[:2])


def decode_jpeg(data: bytes, opened: Image.Image) -> Image.Image | None:
    """Decode the bytes of a JPEG file; return None for files that Pillow should decode.

    Parameters
    ----------
    data : bytes
    opened : PIL.Image.Image
        The same bytes after Pillow has read the header.
    """
    if simplejpeg is None or opened.format not in ("JPEG", "MPO"):
        return None
    colours = {"RGB": "RGB", "L": "GRAY"}.get(opened.mode)
    if colours is None:  # CMYK: Pillow knows which programs write it inverted
        return None
    try:
        # Strict: errors that libjpeg would repair silently are raised.
        pixels: np.ndarray = simplejpeg.decode_jpeg(data, colours, strict=True)
    except ValueError:
        return None
    if pixels.shape[:2] != (opened.height, opened.width):
        return None
    return Image.fromarray(pixels[:, :, 0] if colours == "GRAY" else pixels)


#: Accepted formats. Pillow's other formats start external programs or are not photographs.
FORMATS = (
    "JPEG", "PNG", "GIF", "WEBP", "BMP", "DIB", "TIFF", "PPM", "JPEG2000", "AVIF", "HEIF", "JXL",
    "JPEGXL",
)  # fmt: skip
#: Lower-case suffixes of image files, for decisions by file name.
IMAGE_SUFFIXES = frozenset(
    (
        ".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".png", ".gif", ".webp", ".bmp", ".dib", ".tif",
        ".tiff", ".ppm", ".pgm", ".pbm", ".pnm", ".jp2", ".j2k", ".jpx", ".avif", ".heic", ".heif",
        ".hif", ".jxl",
    )
)  # fmt: skip
#: 360 MB when decoded; allows photographs of 108-megapixel phones.
MAX_PIXELS = 120_000_000
MAX_BYTES = 1_000_000_000
_LARGE = 50_000_000
_NO_WAIT = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)

# The third number of a version is for bug fixes, which do not change pixels.
_PILLOW = "pillow-" + ".".join(PIL.__version__.split(".")[:2])
#: Increased when this module decodes some file to other pixels than before.
DECODING_VERSION = 2
#: Decoder and resizer for the recipe.
DECODER = "/".join(filter(None, (jpeg.NAME, _PILLOW, f"decoding-{DECODING_VERSION}")))

_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def read_image(path: str | PathLike[str], bit_depth: int | None = None) -> Image.Image:
    """Read an image file as upright RGB.

    Parameters
    ----------
    path : str or path
    bit_depth : int, optional
        Bits that the values of images with more than 8 bits use; by default derived from the
        largest value of each file.

    Returns
    -------
    PIL.Image.Image
        In mode RGB, rotated according to its EXIF orientation, with transparency on white.

    Raises
    ------
    UnreadableImage
        With a short reason, if the file does not exist or is not a complete image.

    Examples
    --------
    >>> from pathlib import Path
    >>> from catnocat.features import read_image
    >>> import sklearn.datasets
    >>> folder = Path(sklearn.datasets.__file__).parent / "images"
    >>> read_image(folder / "china.jpg").size
    (640, 427)
    """
    with quiet_pillow():
        return decode(read_file(path), path, bit_depth=bit_depth)


def read_thumbnail(
    path: str | PathLike[str], side: int, bit_depth: int | None = None
) -> np.ndarray:
    """Read an image file as a small upright greyscale image, as fast as its format allows.

    JPEG files are decoded at an eighth, a quarter or half of their size if this is large enough.

    Parameters
    ----------
    path : str or path
    side : int
        Length of the longer side in pixels.
    bit_depth : int, optional
        Like `read_image`.

    Returns
    -------
    numpy.ndarray
        float32 (height, width), from 0 to 255.

    Raises
    ------
    UnreadableImage
        Like `read_image`.
    """
    data = read_file(path)
    try:
        with Image.open(BytesIO(data), formats=_formats()) as image:
            if image.format not in ("JPEG", "MPO") or image.mode not in ("RGB", "L"):
                return _small_grey(decode(data, path, bit_depth=bit_depth), side)
            image.draft("L", (side, side))
            orientation = _transposition(image)
            grey = image.convert("L")
            upright = grey if orientation is None else grey.transpose(orientation)
            return _small_grey(upright, side)
    except UnreadableImage:
        raise
    except Exception as error:  # Pillow's plugins raise errors of many types for broken files
        raise UnreadableImage(path, f"broken: {one_line(error)}") from None


def _small_grey(image: Image.Image, side: int) -> np.ndarray:
    scale = side / max(image.size)
    width, height = (max(1, round(length * scale)) for length in image.size)
    small = image.convert("L").resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2)
    return np.asarray(small, dtype=np.float32)


def read_file(path: str | PathLike[str]) -> bytes:
    """Return the bytes of an image file; an UnreadableImage raised here may be temporary.

    Only regular files are read, after links are resolved, since reading a pipe or a device could
    block without limit. The file is opened without blocking, and its type and size are taken from
    the open file.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | _NO_WAIT)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise UnreadableImage(path, "not a file", lasting=False)
            if status.st_size > MAX_BYTES:
                raise UnreadableImage(path, "larger than a gigabyte", lasting=False)
            with open(descriptor, "rb", closefd=False) as file:
                return _read_checked(file, status.st_size, path)
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        raise UnreadableImage(path, "no such file", lasting=False) from None
    except UnreadableImage:
        raise
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        reason = (error.strerror if isinstance(error, OSError) else None) or one_line(error)
        raise UnreadableImage(path, f"cannot be opened: {reason}", lasting=False) from None


def _read_checked(file: BinaryIO, size: int, path: str | PathLike[str]) -> bytes:
    """Read a file; above `_LARGE` bytes only if it starts like an image."""
    if size <= _LARGE:
        return file.read()
    head = file.read(4096)
    if not _may_be_image(head):
        raise UnreadableImage(path, "not an image in a known format")
    return head + file.read()


def _may_be_image(head: bytes) -> bool:
    return any(
        accept is None or bool(accept(head))
        for accept in (Image.OPEN[name][1] for name in _formats())
    )


def decode(
    data: bytes,
    path: str | PathLike[str] = "image",
    max_pixels: int = MAX_PIXELS,
    bit_depth: int | None = None,
) -> Image.Image:
    """Decode a file's bytes to upright RGB; callers silence Pillow with `quiet_pillow`."""
    if not data:
        raise UnreadableImage(path, "the file is empty")
    try:
        with Image.open(BytesIO(data), formats=_formats()) as image:
            if image.width * image.height > max_pixels:
                reason = f"{image.width} x {image.height} pixels are more than {max_pixels:,}"
                raise UnreadableImage(path, reason)
            pixels = jpeg.decode_jpeg(data, image)
            if pixels is None:
                pixels = deep_colour(data, image, _formats(), bit_depth)
            if pixels is None:
                image.load()
                pixels = image
            orientation = _transposition(image)
            upright = pixels if orientation is None else pixels.transpose(orientation)
            return _as_rgb(upright, bit_depth)
    except UnreadableImage:
        raise
    except UnidentifiedImageError:
        raise UnreadableImage(path, _unknown(data)) from None
    except Image.DecompressionBombError:
        raise UnreadableImage(path, f"more than {max_pixels:,} pixels") from None
    except MemoryError:
        raise UnreadableImage(path, "not enough memory to decode it", lasting=False) from None
    except Exception as error:  # Pillow's plugins raise errors of many types for broken files
        raise UnreadableImage(path, f"broken: {one_line(error)}") from None


def upright_rgb(image: Image.Image, bit_depth: int | None = None) -> Image.Image:
    """Convert an opened image like `read_image`: upright, in mode RGB, on white.

    Parameters
    ----------
    image : PIL.Image.Image
    bit_depth : int, optional
        Like `read_image`.

    Raises
    ------
    UnreadableImage
        If the image is broken.
    """
    try:
        orientation = _transposition(image)
        upright = image if orientation is None else image.transpose(orientation)
        return _as_rgb(upright, bit_depth)
    except Exception as error:  # Pillow may read the pixels only now
        raise UnreadableImage("image", f"broken: {one_line(error)}") from None


@contextmanager
def quiet_pillow() -> Iterator[None]:
    """Silence Pillow's warnings about unusual but readable files.

    Warning filters apply to the whole process: use this outside of threads.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.")
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        yield


@functools.cache
def _formats() -> tuple[str, ...]:
    Image.init()
    for plugin in ("pillow_heif", "pillow_jxl"):
        with suppress(ImportError):
            module = importlib.import_module(plugin)
            if plugin == "pillow_heif":
                module.register_heif_opener()
    return tuple(name for name in FORMATS if name in Image.OPEN)


def _unknown(data: bytes) -> str:
    """Return the reason for a file that Pillow cannot open, based on its first bytes."""
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS and "HEIF" not in _formats():
        return "HEIC needs pillow-heif: pip install 'catnocat[heic]'"
    if data.startswith((b"\xff\x0a", b"\x00\x00\x00\x0cJXL ")):
        return "JPEG XL needs a plug-in of Pillow: pip install pillow-jxl-plugin"
    return "not an image in a known format"


def _transposition(image: Image.Image) -> Image.Transpose | None:
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # broken metadata does not make an image unreadable
        return None
    return _UPRIGHT.get(orientation)


def _as_rgb(image: Image.Image, bit_depth: int | None = None) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":
        return Image.fromarray(deep_grey(image, bit_depth)).convert("RGB")
    if image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image.convert("RGBA"))
    return image if image.mode == "RGB" else image.convert("RGB")
