"""Images named on the command line: files, folders, patterns, tables, or standard input."""

import glob
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ...data.formats import images_below, left_out_sentence
from ...data.tables import TableOptions, is_table_name, read_images_named
from ...utils import InputError


@dataclass(frozen=True)
class ImageSource:
    """A sequence of image files.

    Attributes
    ----------
    names : iterator of (str, str)
        The name in the output and the path of each image.
    count : int or None
        Number of images; None if they are read from a stream.
    warnings : tuple of str
        The files of folders that are not images.
    """

    names: Iterator[tuple[str, str]]
    count: int | None
    warnings: tuple[str, ...] = ()


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
        Each is the path of an image, of a folder (all images below it), of a table with a column
        `image`, or a pattern with ``*``; or the only argument is ``-``, for one path per line on
        standard input, read as the lines arrive.
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
    images: list[tuple[str, str]] = []
    for argument in arguments:
        images += _expand(argument, options)
    folders = (argument for argument in arguments if os.path.isdir(argument))  # noqa: PTH112
    warnings = tuple(filter(None, map(left_out_sentence, folders)))
    return ImageSource(iter(images), len(images), warnings)


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
