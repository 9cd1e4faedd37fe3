"""Images named on the command line: files, folders, patterns, tables, zips, or standard input."""

import glob
import lzma
import os
import stat
import sys
import tempfile
import zipfile
import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Self

from ...data.formats import images_below, left_out_sentence
from ...data.tables import IMAGE_SUFFIXES, TableOptions, is_table_name, read_images_named
from ...utils import InputError
from .stream import MAX_BATCH

_MAX_MEMBERS = 200_000
_MAX_MEMBER_BYTES = 200_000_000
_MAX_TOTAL_BYTES = 50_000_000_000
_COPY_BYTES = 1 << 20
_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError),
    *(NotImplementedError, RuntimeError, EOFError, ValueError, OSError),
)


@dataclass(frozen=True)
class ImageSource:
    """A sequence of image files; a context manager that deletes files extracted from zips.

    Attributes
    ----------
    names : iterator of (str, str)
        The name in the output and the path of each image. A file from a zip exists until 2,048
        further ones are requested, or until the end of the ``with`` statement.
    count : int or None
        Number of images; None if they are read from a stream.
    warnings : tuple of str
        The files of folders and zips that are not images.
    has_zip : bool
        Whether some images are members of a zip, so that nothing can be written next to them.
    """

    names: Iterator[tuple[str, str]]
    count: int | None
    warnings: tuple[str, ...] = ()
    has_zip: bool = False
    folders: tuple["tempfile.TemporaryDirectory[str]", ...] = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for folder in self.folders:
            folder.cleanup()


def find_images(
    arguments: Sequence[str],
    stdin: BinaryIO | None = None,
    *,
    options: TableOptions | None = None,
) -> ImageSource:
    """Find the images that command-line arguments name.

    Parameters
    ----------
    arguments : sequence of str
        Each is the path of an image, of a folder (all images below it), of a zip, of a table with a
        column `image`, or a pattern with ``*``; or the only argument is ``-``, for one path per
        line on standard input, read as the lines arrive.
    stdin : binary file, optional
    options : TableOptions, optional
        How tables name their images.

    Raises
    ------
    InputError
        If an argument names no image.
    """
    if list(arguments) == ["-"]:
        return ImageSource(_read_lines(stdin or sys.stdin.buffer), None)
    if "-" in arguments:
        raise InputError("- means paths on standard input and must be the only argument")
    parts: list[Iterator[tuple[str, str]]] = []
    count, warnings = 0, []
    folders: list[tempfile.TemporaryDirectory[str]] = []
    for argument in arguments:
        if argument.lower().endswith(".zip") and Path(argument).is_file():
            members, left_out = _image_members(argument)
            folders.append(tempfile.TemporaryDirectory(prefix="catnocat-zip-"))
            parts.append(_extract(argument, members, Path(folders[-1].name)))
            count += len(members)
            if left_out:
                files = "1 file is" if left_out == 1 else f"{left_out:,} files are"
                warnings.append(f"{argument}: {files} left out, not images by their names")
            continue
        images = _expand(argument, options)
        parts.append(iter(images))
        count += len(images)
        if os.path.isdir(argument) and (sentence := left_out_sentence(argument)):  # noqa: PTH112
            warnings.append(sentence)
    return ImageSource(
        chain.from_iterable(parts), count, tuple(warnings), bool(folders), tuple(folders)
    )


def _expand(argument: str, options: TableOptions | None) -> list[tuple[str, str]]:
    path = Path(argument)
    if path.is_dir():
        below = images_below(path)
        if not below:
            raise InputError(f"{argument}: this folder contains no images")
        names = [os.path.join(argument, name) for name in below]  # noqa: PTH118
        return [(name, name) for name in names]
    if is_table_name(path):
        return list(zip(*read_images_named(path, options), strict=True))
    if glob.has_magic(argument) and not path.exists():
        names = sorted(glob.glob(argument, recursive=True))  # noqa: PTH207  keeps names as given
        if not names:
            raise InputError(f"{argument}: no file matches")
        return [(name, name) for name in names if not os.path.isdir(name)]  # noqa: PTH112
    return [(argument, argument)]


def _read_lines(stdin: BinaryIO) -> Iterator[tuple[str, str]]:
    for line in stdin:
        name = os.fsdecode(line.rstrip(b"\r\n"))
        if name:
            yield name, name


def _image_members(archive: str) -> tuple[list[zipfile.ZipInfo], int]:
    """Return the images of a zip in the order of their names, and the number of other files.

    Raises
    ------
    InputError
        If the zip cannot be read, is encrypted, has a path that leaves the archive, or declares
        more than the limits.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            files = [info for info in opened.infolist() if not info.is_dir()]
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
        raise InputError(f"{archive}: not a readable zip ({error})") from None
    if len(files) > _MAX_MEMBERS:
        raise InputError(f"{archive}: {len(files):,} files; at most {_MAX_MEMBERS:,} are allowed")
    for info in files:
        path = PurePosixPath(info.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
            raise InputError(
                f"{archive}: its member {info.filename[:80]!r} has a path that leaves the archive"
            )
    images = [
        info
        for info in files
        if PurePosixPath(info.filename).suffix.lower() in IMAGE_SUFFIXES
        and not info.filename.startswith("__MACOSX/")
        and not stat.S_ISLNK(info.external_attr >> 16)
    ]
    if not images:
        raise InputError(f"{archive}: this zip contains no images")
    if any(info.flag_bits & 1 for info in images):
        raise InputError(f"{archive}: is encrypted; extract it first")
    if (total := sum(info.file_size for info in images)) > _MAX_TOTAL_BYTES:
        raise InputError(
            f"{archive}: {total:,} bytes when extracted; at most {_MAX_TOTAL_BYTES:,} are allowed"
        )
    return sorted(images, key=lambda info: info.filename), len(files) - len(images)


def _extract(
    archive: str, members: list[zipfile.ZipInfo], folder: Path
) -> Iterator[tuple[str, str]]:
    """Extract images one by one under numbers, and delete them after two batches."""
    recent: deque[Path] = deque()
    with zipfile.ZipFile(archive) as opened:
        for number, info in enumerate(members):
            path = folder / f"{number:06}{PurePosixPath(info.filename).suffix.lower()}"
            _copy_member(opened, info, path)
            recent.append(path)
            if len(recent) > 2 * MAX_BATCH:
                recent.popleft().unlink()
            yield f"{archive}/{info.filename}", str(path)


def _copy_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path) -> None:
    """Write a member to a file, at most its declared size; a damaged one becomes an empty file."""
    left = min(info.file_size, _MAX_MEMBER_BYTES)
    with path.open("wb") as file:
        if info.file_size > _MAX_MEMBER_BYTES:
            return
        try:
            with archive.open(info) as member:
                while left > 0 and (block := member.read(min(_COPY_BYTES, left))):
                    file.write(block)
                    left -= len(block)
        except _DAMAGED:
            file.truncate(0)  # reported as an unreadable image
