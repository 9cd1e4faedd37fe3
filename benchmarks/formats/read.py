"""Reading a data set, whatever it lies in."""

import os
from pathlib import Path

from ..errors import InputError
from ..tables import LabelTable, read_label_table
from .registry import FORMATS


def read_dataset(path: str | os.PathLike[str], format: str | None = None) -> LabelTable:
    """Read the data set at a path, whatever the known format it lies in.

    Parameters
    ----------
    path : path-like
        A label table, or a file or folder in one of `FORMATS`.
    format : str, optional
        The name of its format, where the path alone leaves it open.

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
    catnocat.benchmarks.errors.InputError: no/such/place: no such file or folder
    """
    place = Path(path)
    if not place.exists():
        raise InputError(f"{place}: no such file or folder")
    by_name = {one.name: one for one in FORMATS}
    if format is not None:
        if format not in by_name:
            raise InputError(f"--format {format}: unknown; known are {', '.join(by_name)}")
        return by_name[format].read(place)
    found = [one for one in FORMATS if one.recognises(place)]
    if len(found) > 1:
        guesses = " or ".join(f"{one.name} ({one.about})" for one in found)
        raise InputError(f"{place}: could be {guesses}; say which with --format NAME")
    if found:
        return found[0].read(place)
    if place.is_dir():
        raise InputError(
            f"{place}: no data set known here; put a labels.csv (image,labels) into it, or name "
            f"its layout with --format ({', '.join(by_name)})"
        )
    return read_label_table(place)  # which refuses its name, and says what to do
