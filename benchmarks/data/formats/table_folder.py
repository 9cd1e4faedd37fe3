"""A folder with a label table in it."""

import re
from pathlib import Path

from ...utils import InputError, UnclearInputError
from ..tables import READERS, LabelTable, TableOptions, is_table_name, read_label_table
from .huggingface import is_huggingface
from .image_files import folders_in
from .open_images import is_open_images

_OTHERS = ("_classes", "metadata", "objects", "sample_submission", "data", "classes")
"""Tables, by the name before the suffix, that are not looked into: those of other formats."""

_WORD = (
    "train|training|val|valid|validation|test|testing|dev|batch|part|fold|split|chunk|shard|"
    "images?|imgs?|photos?|pictures?"
)
_PART = re.compile(
    rf"(?:{_WORD}|20\d\d(?:[-_.]?\d\d){{0,2}})"
    rf"(?:[-_. ]*(?:{_WORD}|jpe?g|png|tiff?|full|small|raw|\d+))*",
    re.IGNORECASE,
)


def is_table_folder(folder: Path) -> bool:
    """Tell whether a folder holds a label table: labels.csv, or the only table of its images."""
    return bool(tables_in(folder))


def read_table_at(
    path: Path, options: TableOptions | None = None, *, needs_split: bool = True
) -> LabelTable:
    """Read a label table, or the one that a folder holds.

    Raises
    ------
    InputError
        If the folder holds none or several.
    """
    if path.is_file():
        return read_label_table(path, options, needs_split=needs_split)
    tables = tables_in(path)
    if len(tables) != 1:
        names = " and ".join(table.name for table in tables) or "no labels.csv"
        raise InputError(f"{path}: holds {names}; name the one to read")
    return read_label_table(tables[0], options, needs_split=needs_split)


def tables_in(folder: Path) -> list[Path]:
    """Return the label tables in a folder: those called labels, or else those that name images.

    A table of another name counts where the images lie in folders that are called like parts or
    batches of images, as ``train-jpg``, or in no folder.
    """
    named = [file for suffix in READERS if (file := folder / f"labels{suffix}").is_file()]
    if named:
        return named
    folders = folders_in(folder)
    if folders and not any(is_part_name(place.name) for place in folders):
        return []
    return [file for file in _other_tables(folder) if _names_images(file)]


def is_part_name(name: str) -> bool:
    """Tell whether a folder is called like a part or a batch of images, and not like a label.

    Examples
    --------
    >>> [is_part_name(name) for name in ("train-jpg", "val2017", "batch1", "2024-05-01")]
    [True, True, True, True]
    >>> [is_part_name(name) for name in ("trains", "cat", "7")]
    [False, False, False]
    """
    return bool(name) and _PART.fullmatch(name) is not None


def _other_tables(folder: Path) -> list[Path]:
    try:
        files = sorted(folder.iterdir())
    except OSError:
        return []
    return [
        file
        for file in files
        if file.is_file()
        and is_table_name(file)
        and not file.name.startswith((".", *_OTHERS))
        and "imagelabels" not in file.name
    ]


def _names_images(file: Path) -> bool:
    """Tell whether a file can be read as a label table whose images exist."""
    if is_open_images(file) or is_huggingface(file):
        return False
    try:
        read_label_table(file, needs_split=False)
    except UnclearInputError:  # a table, of which the user must say more
        return True
    except InputError:
        return False
    return True
