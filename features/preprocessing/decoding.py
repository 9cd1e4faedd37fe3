"""Decode an image file to upright 8-bit RGB, or report why this is not possible.

Transparent areas become white. Deep images (more than 8 bits per channel) are scaled by the range
of their values, see `deep_images`. Of an animation, the first frame is used. A truncated file is an
error, since its missing part would appear as grey.
"""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import SEEK_END, BytesIO
from os import PathLike

import numpy as np
import PIL
from PIL import ExifTags, Image, UnidentifiedImageError

from ..utils import UnreadableImage, one_line
from .deep_images import deep_colour, deep_grey
from .header_limits import check_header
from .image_files import Content, installed_formats, open_image, unknown_format

try:
    import simplejpeg
except ImportError:
    simplejpeg = None

# The third number of a version is for bug fixes, which do not change pixels.
_PILLOW = "pillow-" + ".".join(PIL.__version__.split(".")[:2])
#: Increased when this module decodes some file to other pixels than before.
DECODING_VERSION = 2
#: Decoder and resizer for the recipe.
DECODER = f"{_PILLOW}/decoding-{DECODING_VERSION}"
if simplejpeg is not None:
    DECODER = f"simplejpeg-{'.'.join(simplejpeg.__version__.split('.')[:2])}/{DECODER}"

#: Limit of one image: memory for decoding it, in bytes. It allows 120 million pixels, enough for
#: phones of 108 megapixels, and fewer in formats whose decoders need more memory.
MAX_IMAGE_BYTES = 1_200_000_000
#: Largest memory of the decoders, in bytes per pixel, including a copy in Pillow.
PIXEL_BYTES = {"WEBP": 16, "HEIF": 16, "JXL": 16, "JPEGXL": 16, "JPEG2000": 20}
_PIXEL_BYTES = 10  # all other formats

_STRIP_ROWS = 64
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
    with quiet_pillow(), open_image(path) as content:
        return decode(content, path, bit_depth=bit_depth)


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
    with open_image(path) as content, _opened(content, path) as image:
        if image.format not in ("JPEG", "MPO") or image.mode not in ("RGB", "L"):
            return _small_grey(decode(content, path, bit_depth=bit_depth), side)
        image.draft("L", (side, side))
        return _small_grey(_turned(image, image.convert("L")), side)


def decode(
    content: Content,
    path: str | PathLike[str] = "image",
    max_pixels: int | None = None,
    reserve: Callable[[int], None] | None = None,
    bit_depth: int | None = None,
) -> Image.Image:
    """Decode the content of a file to upright RGB; callers silence Pillow with `quiet_pillow`.

    Parameters
    ----------
    content : bytes or binary file
    path : str or path
        For messages.
    max_pixels : int, optional
        A lower limit than that of `MAX_IMAGE_BYTES`.
    reserve : callable, optional
        Called with the number of bytes that decoding takes at most, when the header has been read.
    bit_depth : int, optional
        Declared bit depth of values of more than 8 bits.
    """
    if not content:
        raise UnreadableImage(path, "the file is empty")
    with _opened(content, path) as image:
        n_bytes = _count_bytes(image, path, max_pixels)
        if reserve is not None:
            # Decoders of broken files may read the rest of a large file at once.
            reserve(n_bytes + (0 if isinstance(content, bytes) else content.seek(0, SEEK_END)))
        pixels = decode_jpeg(content, image) if isinstance(content, bytes) else None
        if pixels is None:
            pixels = deep_colour(content, image, installed_formats(), bit_depth)
        if pixels is None:
            image.load()
            pixels = image
        return _as_rgb(_turned(image, pixels), bit_depth)


def check_image(content: Content, path: str | PathLike[str]) -> None:
    """Raise an UnreadableImage if the header of an image is not that of an acceptable image."""
    with _opened(content, path) as image:
        _count_bytes(image, path)


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
        return _as_rgb(_turned(image, image), bit_depth)
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


@contextmanager
def _opened(content: Content, path: str | PathLike[str]) -> Iterator[Image.Image]:
    """Open the header of an image; report every error of Pillow as an UnreadableImage."""
    check_header(content, path)
    try:
        source = BytesIO(content) if isinstance(content, bytes) else content
        source.seek(0)
        with Image.open(source, formats=installed_formats()) as image:
            yield image
    except UnreadableImage:
        raise
    except UnidentifiedImageError:
        raise UnreadableImage(path, unknown_format(content)) from None
    except Image.DecompressionBombError:
        limit = MAX_IMAGE_BYTES // _PIXEL_BYTES
        raise UnreadableImage(path, f"more than {limit:,} pixels") from None
    except MemoryError:
        raise UnreadableImage(path, "not enough memory to decode it", lasting=False) from None
    except Exception as error:  # Pillow's plugins raise errors of many types for broken files
        raise UnreadableImage(path, f"broken: {one_line(error)}") from None


def _count_bytes(
    image: Image.Image, path: str | PathLike[str], max_pixels: int | None = None
) -> int:
    """Return the memory for decoding an opened image; refuse an image that needs too much."""
    pixel_bytes = PIXEL_BYTES.get(image.format or "", _PIXEL_BYTES)
    limit = MAX_IMAGE_BYTES // pixel_bytes
    if max_pixels is not None:
        limit = min(limit, max_pixels)
    n_pixels = image.width * image.height
    if n_pixels > limit:
        reason = f"{image.width} x {image.height} pixels are more than {limit:,}"
        raise UnreadableImage(path, reason)
    return n_pixels * pixel_bytes


def _small_grey(image: Image.Image, side: int) -> np.ndarray:
    scale = side / max(image.size)
    width, height = (max(1, round(length * scale)) for length in image.size)
    small = image.convert("L").resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2)
    return np.asarray(small, dtype=np.float32)


def _turned(image: Image.Image, pixels: Image.Image) -> Image.Image:
    """Rotate or mirror decoded pixels as the EXIF orientation of the image says."""
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # broken metadata does not make an image unreadable
        return pixels
    transposition = _UPRIGHT.get(orientation)
    return pixels if transposition is None else pixels.transpose(transposition)


def _as_rgb(image: Image.Image, bit_depth: int | None = None) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":
        return deep_grey(image, bit_depth).convert("RGB")
    if image.has_transparency_data:
        return _on_white(image)
    return image if image.mode == "RGB" else image.convert("RGB")


def _on_white(image: Image.Image) -> Image.Image:
    """Put a transparent image on white, in strips, since each step makes a copy."""
    result = Image.new("RGB", image.size)
    for top in range(0, image.height, _STRIP_ROWS):
        strip = image.crop((0, top, image.width, min(top + _STRIP_ROWS, image.height)))
        white = Image.new("RGBA", strip.size, "white")
        result.paste(Image.alpha_composite(white, strip.convert("RGBA")).convert("RGB"), (0, top))
    return result
