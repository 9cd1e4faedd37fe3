"""Folders with a label table in them, and folders of images per label."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from ...utils import InputError, UnclearInputError
from ..tables import READERS, LabelTable, TableOptions, is_table_name, read_label_table, split_parts
from .build import build_table
from .huggingface import is_huggingface
from .image_files import folders_in, images_below, images_in
from .open_images import is_open_images

_OTHERS = ("_classes", "metadata", "objects", "sample_submission", "data", "classes")
"""Tables of other formats, by the start of their names."""

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
    """Return whether a folder has a label table: labels.csv, or the only table of its images."""
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

    A table of another name counts if the images are in folders that are named like parts or batches
    of images, such as ``train-jpg``, or in no folder.
    """
    named = [file for suffix in READERS if (file := folder / f"labels{suffix}").is_file()]
    if named:
        return named
    folders = folders_in(folder)
    if folders and not any(is_part_name(place.name) for place in folders):
        return []
    return [file for file in _other_tables(folder) if _names_images(file)]


def is_part_name(name: str) -> bool:
    """Return whether a folder is named like a part or a batch of images, and not like a label.

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
    """Return whether a file can be read as a label table whose images exist."""
    if is_open_images(file) or is_huggingface(file):
        return False
    try:
        read_label_table(file, needs_split=False)
    except UnclearInputError:  # a table that needs options
        return True
    except InputError:
        return False
    return True


NO_LABEL = frozenset(("_unlabeled", "no_label"))
"""Folders of images without a label: of FiftyOne, and of Datumaro and CVAT."""

_HEAD = 4096
_PARTS = frozenset(split_parts(()))


def is_image_folder(path: Path) -> bool:
    """Return whether a folder contains only folders of images, and no image in two of them."""
    return _is_layout(path) and not _repeats(path)


def is_label_folders(path: Path) -> bool:
    """Return whether a folder contains only folders of images, and some images in several."""
    return _is_layout(path) and _repeats(path)


def read_image_folder(path: Path) -> LabelTable:
    """Read one folder per label, or per part and label, where every image has one label.

    Raises
    ------
    InputError
        If there are no such folders, or one of them contains no image.
    """
    return _read(path, merge=False)


def read_label_folders(path: Path) -> LabelTable:
    """Read one folder per label; images with several labels are in several folders.

    Images with the same bytes are one row, under their first name.

    Raises
    ------
    InputError
        If there are no such folders, or one of them contains no image.
    """
    return _read(path, merge=True)


def _read(path: Path, *, merge: bool) -> LabelTable:
    layout = _layout(path)
    found = {folder.name for folders in layout.values() for folder in folders}
    labels = sorted(found - NO_LABEL)
    images: list[str] = []
    parts: list[str] = []
    carried: list[set[str]] = []
    for part, folders in layout.items():
        place: dict[str, int] = {}  # rows of this part, by digest
        for folder in folders:
            names = _images_in(folder)
            if not names:
                raise InputError(f"{folder}: contains no image; remove the folder or add some")
            for name in names:
                key = _digest(folder / name) if merge else str(folder / name)
                if key not in place:
                    place[key] = len(images)
                    images.append((folder / name).relative_to(path).as_posix())
                    parts.append(part)
                    carried.append(set())
                carried[place[key]].update({folder.name} - NO_LABEL)
    if len(labels) < 2:
        raise InputError(f"{path}: needs a folder of images for each of at least two labels")
    Y = np.array([[label in of_image for label in labels] for of_image in carried])
    return build_table(
        path, images, labels, Y, parts=None if "" in layout else parts, joiner_known=merge
    )


def _layout(path: Path) -> dict[str, list[Path]]:
    """Return the folders of the labels by part; without parts, the key is empty."""
    folders = folders_in(path)
    parts = {folder.name: folders_in(folder) for folder in folders if folder.name in _PARTS}
    if parts and len(parts) == len(folders) and all(parts.values()):
        return parts
    return {"": folders}


def _is_layout(path: Path) -> bool:
    layout = _layout(path)
    folders = [folder for part in layout.values() for folder in part]
    names = {folder.name for folder in folders} - NO_LABEL
    parts = [name for name in names if is_part_name(name)]
    if len(parts) == len(names) or (parts and tables_in(path)):  # train-jpg, batch1, 2024-05-01
        return False
    return len(names) > 1 and not names & _PARTS and all(map(_images_in, folders))


def _images_in(folder: Path) -> list[str]:
    return images_below(folder) if folder.name in NO_LABEL else images_in(folder)


def _repeats(path: Path) -> bool:
    """Return whether an image is in the folders of two labels; read as few files as possible."""
    return any(
        _is_shared((folder.name, folder / name) for folder in folders for name in images_in(folder))
        for folders in _layout(path).values()
    )


def _is_shared(files: Iterable[tuple[str, Path]]) -> bool:
    by_size: dict[int, list[tuple[str, Path]]] = defaultdict(list)
    for label, file in files:
        by_size[file.stat().st_size].append((label, file))
    for group in _shared(by_size.values()):
        by_head: dict[bytes, list[tuple[str, Path]]] = defaultdict(list)
        for label, file in group:
            with file.open("rb") as opened:
                by_head[opened.read(_HEAD)].append((label, file))
        for candidates in _shared(by_head.values()):
            labels: dict[str, str] = {}
            for label, file in candidates:
                if labels.setdefault(_digest(file), label) != label:
                    return True
    return False


def _shared(groups: Iterable[list[tuple[str, Path]]]) -> Iterator[list[tuple[str, Path]]]:
    return (group for group in groups if len({label for label, _ in group}) > 1)


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
