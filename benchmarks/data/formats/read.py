"""Reading a data set in any of the known formats."""

import os
from pathlib import Path

from ...utils import InputError, UnclearInputError
from ..tables import (
    EVERY_FORMAT,
    LabelTable,
    TableOptions,
    is_table_name,
    quoted,
    read_label_table,
    refuse_for_other_formats,
)
from .format import Format
from .image_files import folders_in
from .registry import FORMATS, detect_formats
from .source import Source
from .table_folder import is_part_name, read_table_at
from .unknown import refuse_unknown


def read_dataset(
    path: str | os.PathLike[str],
    format: str | None = None,
    options: TableOptions | None = None,
    *,
    needs_split: bool = True,
) -> LabelTable:
    """Read the data set at a path, whatever the known format it lies in.

    Parameters
    ----------
    path : path-like
        A label table, or a file or folder in one of `FORMATS`.
    format : str, optional
        The name of its format, where the path alone leaves it open.
    options : TableOptions, optional
        How a label table is read, where that is not found in it.
    needs_split : bool, default=True
        Refuse a label table whose split lacks training or test images.

    Returns
    -------
    LabelTable
        What it holds; with ready features in `X` where the format has these instead of pictures.

    Raises
    ------
    InputError
        If there is nothing, nothing known, or more than one thing at the path.

    Examples
    --------
    >>> read_dataset("no/such/place")
    Traceback (most recent call last):
        ...
    catnocat.benchmarks.utils.errors.InputError: no/such/place: no such file or folder
    """
    place = Path(path)
    if not place.exists():
        raise InputError(f"{place}: no such file or folder")
    options = options or TableOptions()
    source = Source(place)
    by_name = {one.name: one for one in FORMATS}
    if format is not None:
        if format not in by_name:
            raise InputError(f"--format {format}: unknown; known are {', '.join(by_name)}")
        return _read(by_name[format], source, options, needs_split)
    if place.is_file() and is_table_name(place) and set(options.given()) - set(EVERY_FORMAT):
        return read_label_table(place, options, needs_split=needs_split)
    found = detect_formats(source)
    if len(found) > 1:
        guesses = " or ".join(
            f"{one.name} ({one.about}; {detection.reason})" for one, detection in found
        )
        raise InputError(f"{place}: could be {guesses}; say which with --format NAME")
    if found:
        return _read(found[0][0], source, options, needs_split)
    if place.is_dir() and (
        parts := [part.name for part in folders_in(place) if is_part_name(part.name)]
    ):
        raise UnclearInputError(
            f"{place}: folders {quoted(parts)} are called like parts of a data set, and no "
            "table of labels is next to them; put a labels.csv (image,labels) there",
            [("--format image-folder", "if each folder is a label")],
        )
    return refuse_unknown(source, FORMATS)


def _read(form: Format, source: Source, options: TableOptions, needs_split: bool) -> LabelTable:
    if form.name == "table":
        return read_table_at(source.path, options, needs_split=needs_split)
    refuse_for_other_formats(options, source.path, form.name)
    try:
        return form.read(source)
    except RecursionError:
        raise InputError(
            f"{source.path}: nested too deeply to be a data set in the format {form.name}"
        ) from None
