"""Open image files safely: accepted formats, limits of size, and no blocking.

A file may have `MAX_BYTES`, or `MAX_WHOLE_BYTES` in formats whose decoders read the whole file at
once. A file above `IN_MEMORY_BYTES` is never held in memory: its header is checked first, and it is
then read in pieces.
"""

import functools
import hashlib
import importlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from os import PathLike

from PIL import Image

from ..utils import UnreadableImage, one_line

MAX_BYTES = 1_000_000_000
MAX_WHOLE_BYTES = 100_000_000
IN_MEMORY_BYTES = 16_000_000

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

#: Content of an image file: its bytes, or the open file if it is large.
Content = bytes | BufferedReader

_WHOLE = frozenset({"GIF", "WEBP", "AVIF", "HEIF", "JXL", "JPEGXL"})
_HEAD_BYTES = 4096
_NO_WAIT = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)

_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")


@contextmanager
def open_image(path: str | PathLike[str]) -> Iterator[Content]:
    """Open an image file; an UnreadableImage raised here may be temporary.

    Only regular files are opened, after links are resolved, since opening a device can have effects
    and reading a pipe or a device could block without limit. The file is opened without blocking,
    and its type and size are checked again on the open file.

    Yields
    ------
    bytes or binary file
        The content, or the open file at its start if it has more than `IN_MEMORY_BYTES`.
    """
    try:
        _check_regular(os.stat(path), path)  # noqa: PTH116  as fast as possible
        descriptor = os.open(path, os.O_RDONLY | _NO_WAIT)
    except FileNotFoundError:
        raise UnreadableImage(path, "no such file", lasting=False) from None
    except UnreadableImage:
        raise
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        raise _cannot_be_opened(path, error) from None
    try:
        size = _check_regular(os.fstat(descriptor), path)
        with open(descriptor, "rb", closefd=False) as file:
            if size <= IN_MEMORY_BYTES:
                yield file.read(size)  # no more, even if the file grows meanwhile
            else:
                _check_large(file, size, path)
                yield file
    except OSError as error:
        raise _cannot_be_opened(path, error) from None
    finally:
        os.close(descriptor)


def content_digest(content: Content) -> bytes:
    """Return the sha256 of the content of an image file."""
    if isinstance(content, bytes):
        return hashlib.sha256(content).digest()
    content.seek(0)
    return hashlib.file_digest(content, "sha256").digest()


def bytes_at(content: Content, start: int, count: int) -> bytes:
    """Return up to `count` bytes of the content of an image file from a position."""
    if isinstance(content, bytes):
        return content[start : start + count]
    content.seek(start)
    return content.read(count)


@functools.cache
def installed_formats() -> tuple[str, ...]:
    """Return the accepted formats that Pillow and its plug-ins can decode here."""
    Image.init()
    for plugin in ("pillow_heif", "pillow_jxl"):
        with suppress(ImportError):
            module = importlib.import_module(plugin)
            if plugin == "pillow_heif":
                module.register_heif_opener()
    return tuple(name for name in FORMATS if name in Image.OPEN)


def unknown_format(content: Content) -> str:
    """Return the reason for a file that Pillow cannot open, based on its first bytes."""
    head = bytes_at(content, 0, _HEAD_BYTES)
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS and "HEIF" not in installed_formats():
        return "HEIC needs pillow-heif: pip install 'catnocat[heic]'"
    if head.startswith((b"\xff\x0a", b"\x00\x00\x00\x0cJXL ")):
        return "JPEG XL needs a plug-in of Pillow: pip install pillow-jxl-plugin"
    return "not an image in a known format"


def _cannot_be_opened(path: str | PathLike[str], error: Exception) -> UnreadableImage:
    reason = (error.strerror if isinstance(error, OSError) else None) or one_line(error)
    return UnreadableImage(path, f"cannot be opened: {reason}", lasting=False)


def _check_regular(status: os.stat_result, path: str | PathLike[str]) -> int:
    """Return the size of a regular file."""
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableImage(path, "not a file", lasting=False)
    if status.st_size > MAX_BYTES:
        raise UnreadableImage(path, "larger than a gigabyte", lasting=False)
    return status.st_size


def _check_large(file: BufferedReader, size: int, path: str | PathLike[str]) -> None:
    """Check a large file by its first bytes, without reading the rest."""
    head = file.read(_HEAD_BYTES)
    names = [name for name in installed_formats() if _accepts(name, head)]
    if not names:
        raise UnreadableImage(path, "not an image in a known format")
    if size > MAX_WHOLE_BYTES and _WHOLE.issuperset(names):
        raise UnreadableImage(path, f"a {names[0]} file of more than {MAX_WHOLE_BYTES:,} bytes")
    file.seek(0)


def _accepts(name: str, head: bytes) -> bool:
    accept = Image.OPEN[name][1]
    return accept is None or bool(accept(head))
