"""Which pictures somebody means: files, folders, patterns, tables, or paths on standard input."""

import glob
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ...data.formats import left_out_sentence, pictures_below
from ...data.tables import TableOptions, is_table_name, read_pictures_named
from ...utils import InputError


@dataclass(frozen=True)
class Source:
    """Pictures in an order.

    Attributes
    ----------
    names : iterator of (str, str)
        What to call each, and its path.
    count : int or None
        How many; None where they are still coming.
    remarks : tuple of str
        Which files of the folders were left out.
    """

    names: Iterator[tuple[str, str]]
    count: int | None
    remarks: tuple[str, ...] = ()


def pictures_meant(
    words: Sequence[str],
    stdin: BinaryIO | None = None,
    *,
    options: TableOptions | None = None,
) -> Source:
    """Find the pictures that words on a command line mean.

    Parameters
    ----------
    words : sequence of str
        Each the path of a picture, of a folder (all pictures below it), of a table with a column
        `image`, or a pattern with ``*``; or the one word ``-``, for a path per line on standard
        input, which are taken as they come.
    stdin : binary file, optional
    options : TableOptions, optional
        How tables name their images.

    Raises
    ------
    InputError
        If a word means nothing.
    """
    if list(words) == ["-"]:
        return Source(_lines(stdin or sys.stdin.buffer), None)
    if "-" in words:
        raise InputError("- stands for the paths on standard input and must stand alone")
    found: list[tuple[str, str]] = []
    for word in words:
        found += _of_word(word, options)
    remarks = (left_out_sentence(word) for word in words if os.path.isdir(word))  # noqa: PTH112
    return Source(iter(found), len(found), tuple(filter(None, remarks)))


def _of_word(word: str, options: TableOptions | None) -> list[tuple[str, str]]:
    path = Path(word)
    if path.is_dir():
        below = pictures_below(path)
        if not below:
            raise InputError(f"{word}: no picture is in this folder")
        return [(name, name) for name in (os.path.join(word, one) for one in below)]  # noqa: PTH118
    if is_table_name(path):
        return list(zip(*read_pictures_named(path, options), strict=True))
    if glob.has_magic(word) and not path.exists():
        matching = sorted(glob.glob(word, recursive=True))  # noqa: PTH207  as the person wrote it
        if not matching:
            raise InputError(f"{word}: nothing matches")
        return [(name, name) for name in matching if not os.path.isdir(name)]  # noqa: PTH112
    return [(word, word)]


def _lines(stdin: BinaryIO) -> Iterator[tuple[str, str]]:
    for line in stdin:
        name = os.fsdecode(line.rstrip(b"\r\n"))
        if name:
            yield name, name
