"""Refuse image files whose headers take far more memory or time to parse than their images.

Pillow holds the metadata of a file in memory, builds an object for each strip of a TIFF file, and
joins the blocks of a GIF comment in quadratic time. Each scan of a progressive JPEG file may be
almost empty and still takes time for every pixel. The functions here only follow the lengths that a
file declares, and skip over the content.
"""

import struct
from collections.abc import Callable
from os import PathLike

from ..utils import UnreadableImage
from .image_files import Content, bytes_at

#: Metadata of a PNG or JPEG file, in bytes; colour profiles and previews have a few megabytes.
MAX_METADATA_BYTES = 16_000_000
MAX_COMMENT_BYTES = 1_000_000
MAX_TIFF_PARTS = 250_000
#: Scans of a progressive JPEG file; encoders write about ten.
MAX_SCANS = 100

_TIFF_PARTS = (273, 279, 324, 325)  # tags: offsets and lengths of strips and tiles
_TIFF_ENTRIES = 4096
_BLOCK = 1_000_000
_PROGRESSIVE = (0xFFC2, 0xFFCA)


def check_header(content: Content, path: str | PathLike[str]) -> None:
    """Raise an UnreadableImage if a file declares more metadata than a limit."""
    head = bytes_at(content, 0, 16)
    for start, check in _CHECKS.items():
        if head.startswith(start):
            try:
                reason = check(content)
            except (struct.error, IndexError):  # the file ends in its header: Pillow reports it
                return
            if reason:
                raise UnreadableImage(path, reason)


def _check_png(content: Content) -> str:
    """Add up the chunks that hold no pixels."""
    place, metadata = 8, 0
    while metadata <= MAX_METADATA_BYTES:
        length, kind = struct.unpack(">I4s", bytes_at(content, place, 8))
        if kind == b"IEND":
            return ""
        if kind != b"IDAT":
            metadata += length
        place += length + 12
    return f"more than {MAX_METADATA_BYTES:,} bytes of metadata"


def _check_jpeg(content: Content) -> str:
    """Add up the segments, and the bytes between segments, before the pixels."""
    place, progressive = 2, False
    while place <= MAX_METADATA_BYTES:
        marker, length = struct.unpack(">HH", bytes_at(content, place, 4))
        if marker == 0xFFDA:  # start of the pixels
            return _check_scans(content, place) if progressive else ""
        progressive |= marker in _PROGRESSIVE
        if marker < 0xFF02 or marker == 0xFFFF:  # not a marker
            junk = bytes_at(content, place + 1, _BLOCK)
            following = junk.find(b"\xff")
            place += 1 + (len(junk) if following < 0 else following)
        elif 0xFFD0 <= marker <= 0xFFD9:  # a marker without a segment
            place += 2
        else:
            place += 2 + length
    return f"more than {MAX_METADATA_BYTES:,} bytes of metadata"


def _check_scans(content: Content, place: int) -> str:
    """Count the scans up to the end of the image."""
    scans, ended = 0, False
    while not ended and (block := bytes_at(content, place, _BLOCK)):
        image, end, _ = block.partition(b"\xff\xd9")
        ended = bool(end)
        scans += image.count(b"\xff\xda")
        if scans > MAX_SCANS:
            return f"more than {MAX_SCANS} scans"
        place += len(block)
    return ""


def _check_gif(content: Content) -> str:
    """Add up the blocks of the extensions before the first frame."""
    flags = bytes_at(content, 10, 1)[0]
    place = 13 + (3 << (flags & 7) + 1 if flags & 128 else 0)
    comment = 0
    while bytes_at(content, place, 1) == b"!":
        place += 2
        while size := bytes_at(content, place, 1)[0]:
            place += size + 1
            comment += size
            if comment > MAX_COMMENT_BYTES:
                return f"more than {MAX_COMMENT_BYTES:,} bytes of comments"
        place += 1
    return ""


def _check_tiff(content: Content) -> str:
    """Check the number of strips or tiles of the first image."""
    head = bytes_at(content, 0, 16)
    order, big = "<" if head[:2] == b"II" else ">", b"+" in head[2:4]
    (start,) = struct.unpack_from(order + ("Q" if big else "I"), head, 8 if big else 4)
    first, step, entry = (8, 20, "HHQ") if big else (2, 12, "HHI")
    table = bytes_at(content, start, first + _TIFF_ENTRIES * step)
    (count,) = struct.unpack_from(order + ("Q" if big else "H"), table)
    if count > _TIFF_ENTRIES:
        return f"a header of more than {_TIFF_ENTRIES:,} entries"
    for number in range(count):
        tag, _, parts = struct.unpack_from(order + entry, table, first + number * step)
        if tag in _TIFF_PARTS and parts > MAX_TIFF_PARTS:
            return f"{parts:,} strips or tiles are more than {MAX_TIFF_PARTS:,}"
    return ""


_CHECKS: dict[bytes, Callable[[Content], str]] = {
    b"\x89PNG": _check_png,
    b"\xff\xd8": _check_jpeg,
    b"GIF8": _check_gif,
    b"II*\0": _check_tiff,
    b"MM\0*": _check_tiff,
    b"II+\0": _check_tiff,
    b"MM\0+": _check_tiff,
}
