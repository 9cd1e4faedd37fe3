"""NUS-WIDE: a list of images, and a list of 0 and 1 per label."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...utils import InputError
from ..tables import LabelTable, read_text, shown
from .build import build_table

_LISTS = {"train": "TrainImagelist.txt", "test": "TestImagelist.txt"}
_SUFFIX = {"train": "_Train", "test": "_Test", "": ""}


def is_nus_wide(path: Path) -> bool:
    """Tell whether a folder holds ImageList/ and Groundtruth/."""
    return (path / "ImageList").is_dir() and (path / "Groundtruth").is_dir()


def read_nus_wide(path: Path) -> LabelTable:
    r"""Read NUS-WIDE, or anything laid out like it.

    ``Groundtruth/TrainTestLabels/Labels_<label>_Train.txt`` and ``_Test.txt`` go with
    ``ImageList/TrainImagelist.txt`` and ``TestImagelist.txt``; where they are not there,
    ``Groundtruth/AllLabels/Labels_<label>.txt`` goes with ``ImageList/Imagelist.txt`` and there is
    no split. Line by line: an image (``\`` and ``/`` are the same), and a 0 or 1.

    Parameters
    ----------
    path : Path
        The folder; the pictures lie below its ``Flickr``, its ``images``, or itself.

    Raises
    ------
    InputError
        If a list is missing, broken, or of another length than the images.
    """
    lists = {part: path / "ImageList" / name for part, name in _LISTS.items()}
    split = all(file.is_file() for file in lists.values()) and any(
        (path / "Groundtruth" / "TrainTestLabels").glob("Labels_*_Train.txt")
    )
    if not split:
        lists = {"": path / "ImageList" / "Imagelist.txt"}
    folder = path / "Groundtruth" / ("TrainTestLabels" if split else "AllLabels")
    labels = _labels(folder, _SUFFIX["train" if split else ""])
    names: list[str] = []
    parts: list[str] = []
    blocks = []
    for part, file in lists.items():
        images = [line.strip().replace("\\", "/") for line in read_text(str(file)).splitlines()]
        images = [image for image in images if image]
        columns = [
            _flags(folder / f"Labels_{label}{_SUFFIX[part]}.txt", file, len(images))
            for label in labels
        ]
        blocks.append(np.column_stack(columns))
        names += images
        parts += [part] * len(images)
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"{path}/ImageList: {shown(twice)} stands twice in the lists")
    place = _image_folder_of(path, names)
    images = [place + name for name in names]
    return build_table(path, images, labels, np.concatenate(blocks), parts=parts if split else None)


def _labels(folder: Path, suffix: str) -> list[str]:
    start, end = "Labels_", f"{suffix}.txt"
    labels = sorted(
        file.name.removeprefix(start).removesuffix(end) for file in folder.glob(f"{start}*{end}")
    )
    if not labels:
        raise InputError(f"{folder}: no {start}<label>{end} there")
    return labels


def _flags(file: Path, images: Path, length: int) -> NDArray[np.uint8]:
    lines = read_text(str(file)).split()
    for row, line in enumerate(lines, start=1):
        if line not in ("0", "1"):
            raise InputError(f"{file} row {row}: {shown(line)} is neither 0 nor 1")
    if len(lines) != length:
        raise InputError(f"{file}: {len(lines)} answers for the {length} images of {images.name}")
    return np.array(lines, dtype=np.uint8)


def _image_folder_of(root: Path, names: list[str]) -> str:
    for place in ("Flickr/", "images/"):
        if any((root / place / name).is_file() for name in names[:20]):
            return place
    return ""
