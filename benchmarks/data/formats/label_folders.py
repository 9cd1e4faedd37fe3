"""One folder of images per label: an image has one label, or is in the folder of each."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from ...utils import InputError
from ..tables import LabelTable, split_parts
from .build import build_table
from .image_files import folders_in, images_below, images_in
from .table_folder import is_part_name, tables_in

NO_LABEL = frozenset(("_unlabeled", "no_label"))
"""The folders in which FiftyOne, and Datumaro and CVAT, put images without a label."""

_HEAD = 4096
_PARTS = frozenset(split_parts(()))


def is_image_folder(path: Path) -> bool:
    """Tell whether a folder holds nothing but folders of pictures, none of them in two."""
    return _is_layout(path) and not _repeats(path)


def is_label_folders(path: Path) -> bool:
    """Tell whether a folder holds nothing but folders of pictures, some of them in several."""
    return _is_layout(path) and _repeats(path)


def read_image_folder(path: Path) -> LabelTable:
    """Read one folder per label, or per part and label, where every picture has one label.

    Raises
    ------
    InputError
        If there are no such folders, or one of them holds no picture.
    """
    return _read(path, merge=False)


def read_label_folders(path: Path) -> LabelTable:
    """Read one folder per label, where a picture with several labels stands in several folders.

    Pictures are the same if their bytes are; each is one row, under the name that comes first.

    Raises
    ------
    InputError
        If there are no such folders, or one of them holds no picture.
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
        place: dict[str, int] = {}  # what was seen in this part, by its digest
        for folder in folders:
            names = _images_in(folder)
            if not names:
                raise InputError(f"{folder}: holds no picture; remove the folder or add some")
            for name in names:
                key = _digest(folder / name) if merge else str(folder / name)
                if key not in place:
                    place[key] = len(images)
                    images.append((folder / name).relative_to(path).as_posix())
                    parts.append(part)
                    carried.append(set())
                carried[place[key]].update({folder.name} - NO_LABEL)
    if len(labels) < 2:
        raise InputError(f"{path}: needs a folder of pictures for each of at least two labels")
    Y = np.array([[label in one for label in labels] for one in carried])
    return build_table(
        path, images, labels, Y, parts=None if "" in layout else parts, joiner_known=merge
    )


def _layout(path: Path) -> dict[str, list[Path]]:
    """Give the folders of the labels by part; one part without a name where there are no parts."""
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
    """Tell whether a picture stands in the folders of two labels, reading as little as will do."""
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
