"""From a file to an upright RGB picture, or to the reason why not.

Every picture is decoded whole and to 8 bits. What is see-through is laid on white. 16-bit grey is
scaled, not clipped. Of an animation the first frame counts. A broken file is refused rather than
filled up with grey: half a picture would pass for a whole one.
"""

import functools
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from os import PathLike
from pathlib import Path

import numpy as np
import PIL
from PIL import ExifTags, Image, UnidentifiedImageError

from . import jpeg
from .errors import UnreadableImage, one_line

#: What is opened. Pillow knows more, but some of it starts other programs or is no photograph.
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "PPM", "JPEG2000", "AVIF")
#: 360 MB once decoded; photographs of 108-megapixel telephones pass.
MAX_PIXELS = 120_000_000
MAX_BYTES = 1_000_000_000

# The third number of a version is for repairs that leave the pixels alone.
_PILLOW = "pillow-" + ".".join(PIL.__version__.split(".")[:2])
#: What decodes and resizes, for the recipe.
DECODER = f"{jpeg.NAME}/{_PILLOW}" if jpeg.NAME else _PILLOW

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def read_image(path: str | PathLike[str]) -> Image.Image:
    """Read a picture as upright RGB.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    PIL.Image.Image
        In mode RGB, turned as its EXIF orientation says, transparency laid on white.

    Raises
    ------
    UnreadableImage
        With a short reason, when there is no such file or it is no whole picture.

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
        return decode(read_file(path), path)


def read_file(path: str | PathLike[str]) -> bytes:
    """Give a picture's bytes; an UnreadableImage from here may pass, its bytes are not known."""
    try:
        about = Path(path).stat()
        if not stat.S_ISREG(about.st_mode):  # reading a pipe would wait for ever
            raise UnreadableImage(path, "not a file", lasting=False)
        if about.st_size > MAX_BYTES:
            raise UnreadableImage(path, "larger than a gigabyte", lasting=False)
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise UnreadableImage(path, "no such file", lasting=False) from None
    except UnreadableImage:
        raise
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        reason = (error.strerror if isinstance(error, OSError) else None) or one_line(error)
        raise UnreadableImage(path, f"cannot be opened: {reason}", lasting=False) from None


def decode(
    data: bytes, path: str | PathLike[str] = "picture", max_pixels: int = MAX_PIXELS
) -> Image.Image:
    """Turn a file's bytes into upright RGB; callers keep Pillow quiet (see `quiet_pillow`)."""
    if not data:
        raise UnreadableImage(path, "the file is empty")
    try:
        with Image.open(BytesIO(data), formats=_formats()) as image:
            if image.width * image.height > max_pixels:
                reason = f"{image.width} x {image.height} pixels are more than {max_pixels:,}"
                raise UnreadableImage(path, reason)
            pixels = jpeg.decode_jpeg(data, image)
            if pixels is None:
                image.load()
                pixels = image
            turn = _turn(image)
            return _as_rgb(pixels if turn is None else pixels.transpose(turn))
    except UnreadableImage:
        raise
    except UnidentifiedImageError:
        raise UnreadableImage(path, "not a picture in a known format") from None
    except Image.DecompressionBombError:
        raise UnreadableImage(path, f"more than {max_pixels:,} pixels") from None
    except MemoryError:
        raise UnreadableImage(path, "not enough memory to decode it", lasting=False) from None
    except Exception as error:  # Pillow's plugins raise nearly every kind on broken files
        raise UnreadableImage(path, f"broken: {one_line(error)}") from None


def upright_rgb(image: Image.Image) -> Image.Image:
    """Give an opened picture as `read_image` would: upright, in mode RGB, on white.

    Parameters
    ----------
    image : PIL.Image.Image

    Raises
    ------
    UnreadableImage
        When it is broken.
    """
    try:
        turn = _turn(image)
        return _as_rgb(image if turn is None else image.transpose(turn))
    except Exception as error:  # Pillow reads a file's pixels only now
        raise UnreadableImage("picture", f"broken: {one_line(error)}") from None


@contextmanager
def quiet_pillow() -> Iterator[None]:
    """Silence Pillow's remarks on odd but readable files.

    Filters of warnings belong to the whole process: enter this outside of threads.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.")
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        yield


@functools.cache
def _formats() -> tuple[str, ...]:
    Image.init()
    return tuple(name for name in FORMATS if name in Image.OPEN)


def _turn(image: Image.Image) -> Image.Transpose | None:
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # broken notes about a picture do not break the picture
        return None
    return _UPRIGHT.get(orientation)


def _as_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":
        return Image.fromarray(_eight_bits(image)).convert("RGB")
    if image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image.convert("RGBA"))
    return image if image.mode == "RGB" else image.convert("RGB")


def _eight_bits(image: Image.Image) -> np.ndarray:
    """Scale deep grey: 16 bits by their full range, others, which have none, by their own."""
    values = np.nan_to_num(np.asarray(image, dtype=np.float64), posinf=0, neginf=0)
    low, high = float(values.min()), float(values.max())
    if image.mode != "F" and low >= 0 and high <= 65535:
        low, high = 0.0, 65535.0
    return np.rint((values - low) * (255 / max(high - low, 1e-12))).astype(np.uint8)
