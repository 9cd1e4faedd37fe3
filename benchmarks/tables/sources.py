"""Recognising what kind of data set a path is."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError
from .label_table import LabelTable
from .read import READERS, read_label_table


@dataclass(frozen=True)
class Format:
    """A way in which a data set lies on disk.

    Parameters
    ----------
    name : str
        What a person calls it.
    recognises : callable
        Whether a path holds a data set of this kind; cheap, and never raises.
    read : callable
        Reads it.
    """

    name: str
    recognises: Callable[[Path], bool]
    read: Callable[[Path], LabelTable]


def _is_table(path: Path) -> bool:
    return path.is_file() and path.suffix.lower() in READERS


def _tables_in(folder: Path) -> list[Path]:
    return [file for suffix in READERS if (file := folder / f"labels{suffix}").is_file()]


def _read_folder(folder: Path) -> LabelTable:
    tables = _tables_in(folder)
    if len(tables) > 1:
        names = " and ".join(table.name for table in tables)
        raise InputError(f"{folder}: holds {names}; name the one to read")
    return read_label_table(tables[0])


FORMATS = (
    Format("label table", _is_table, read_label_table),
    Format("folder with a label table", lambda path: bool(_tables_in(path)), _read_folder),
)
"""The formats that are recognised, by themselves, in a path."""


def read_dataset(path: str | os.PathLike[str]) -> LabelTable:
    """Read the data set at a path, whatever the known format it lies in.

    Parameters
    ----------
    path : path-like
        A label table, or a folder that holds one under the name labels.csv (.jsonl, .parquet).

    Returns
    -------
    LabelTable
        What it holds.

    Raises
    ------
    InputError
        If there is nothing, nothing known, or more than one thing at the path.

    Examples
    --------
    >>> read_dataset("no/such/place")
    Traceback (most recent call last):
        ...
    catnocat.benchmarks.errors.InputError: no/such/place: no such file or folder
    """
    place = Path(path)
    if not place.exists():
        raise InputError(f"{place}: no such file or folder")
    found = [format_ for format_ in FORMATS if format_.recognises(place)]
    if len(found) > 1:
        names = " or a ".join(format_.name for format_ in found)
        raise InputError(f"{place}: could be a {names}; name the file inside it")
    if found:
        return found[0].read(place)
    if place.is_dir():
        raise InputError(
            f"{place}: no data set known here; put a labels.csv (image,labels) into it"
        )
    raise InputError(
        f"{place}: no data set known by its name; give a .csv, .jsonl or .parquet table"
    )
