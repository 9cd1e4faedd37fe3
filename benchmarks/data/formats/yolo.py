"""YOLO: a text file of boxes per picture, and a data.yaml that names the classes."""

from pathlib import Path

import numpy as np

from ...utils import InputError
from ..tables import LabelTable, read_text, shown
from .build import build_table
from .image_files import images_below
from .yolo_config import YoloConfig, find_config, find_list, read_config

Boxes = dict[int, int]
"""Class number -> how many boxes."""


def is_yolo(path: Path) -> bool:
    """Tell whether a path is a data.yaml, or a folder with one or with images/ and labels/."""
    if path.is_file():
        return path.suffix.lower() in (".yaml", ".yml")
    if find_config(path) is not None:
        return True
    if all((path / name).is_dir() for name in ("images", "labels")):
        return _holds_boxes(path / "labels")
    return find_list(path) is not None and _holds_boxes(path)


def _holds_boxes(folder: Path) -> bool:
    """Return whether a folder holds text files, in itself or one or two levels below."""
    return any(
        next(folder.glob(pattern), None) is not None
        for pattern in ("*.txt", "*/*.txt", "*/*/*.txt")
    )


def read_yolo(path: Path) -> LabelTable:
    """Read a YOLO data set.

    All names of data.yaml are labels, in their order. A picture has the labels of the boxes (or
    outlines) in the text file that its path leads to when the last folder ``images`` becomes
    ``labels``; an empty or missing file is background, a picture without labels. A part without
    one such file is not labelled at all, and left out. val is judged; where test is labelled, val
    is trained on.

    Parameters
    ----------
    path : Path
        The folder, or the data.yaml.

    Raises
    ------
    InputError
        If data.yaml or a label file is broken.
    """
    config = read_config(path)
    images: list[str] = []
    parts: list[str] = []
    boxes: list[Boxes] = []
    for part, places in config.parts.items():
        pictures = [picture for place in places for picture in _pictures(config, place)]
        labels = [_label_file(config.root / picture) for picture in pictures]
        if not any(file.is_file() for file in labels):
            continue
        images += pictures
        parts += [part] * len(pictures)
        boxes += [_read_boxes(file, len(config.names)) for file in labels]
    if not images:
        raise InputError(f"{config.file}: none of its images has a label file in labels/")
    if not any(boxes):
        raise InputError(
            f"{config.file}: no box in any label file; a project that labels whole images is not "
            "exported as YOLO (in Label Studio choose JSON-MIN, in CVAT CVAT for images)"
        )
    if len(set(images)) != len(images):
        twice = next(image for image in images if images.count(image) > 1)
        raise InputError(f"{config.file}: {twice!r} stands twice in its parts")
    counts = np.zeros((len(images), len(config.names)), dtype=np.int64)
    for i, found in enumerate(boxes):
        for number, count in found.items():
            counts[i, number] = count
    return build_table(config.root, images, config.names, counts > 0, parts=parts, counts=counts)


def _pictures(config: YoloConfig, place: Path) -> list[str]:
    """Give the pictures of a folder, or of a text file that lists them, relative to the root."""
    if place.is_dir():
        return [_relative(config, place / name) for name in images_below(place)]
    lines = [line.strip() for line in read_text(str(place)).splitlines()]
    # A leading ./ stands for the folder of the list, as YOLO's own readers take it.
    listed = [
        place.parent / line if line.startswith("./") else config.root / line
        for line in lines
        if line
    ]
    return [_relative(config, picture) for picture in listed]


def _relative(config: YoloConfig, picture: Path) -> str:
    try:
        return picture.relative_to(config.root).as_posix()
    except ValueError:
        return str(picture.absolute())


def _label_file(picture: Path) -> Path:
    parts = list(picture.parts)
    at = len(parts) - 1 - parts[::-1].index("images") if "images" in parts else None
    if at is not None:
        parts[at] = "labels"
    return Path(*parts).with_suffix(".txt")


def _read_boxes(file: Path, n_names: int) -> Boxes:
    if not file.is_file():
        return {}
    found: Boxes = {}
    for row, line in enumerate(read_text(str(file)).splitlines(), start=1):
        cells = line.split()
        if not cells:
            continue
        number = _box_class(file, row, cells)
        if number not in range(n_names):
            raise InputError(
                f"{file} row {row}: class {number} is not among the {n_names} names of the classes"
            )
        found[number] = found.get(number, 0) + 1
    return found


def _box_class(file: Path, row: int, cells: list[str]) -> int:
    try:
        numbers = [float(cell) for cell in cells]
    except ValueError:
        numbers = []
    # Four numbers are a box, an even number of six or more an outline.
    if len(numbers) < 5 or not np.isfinite(numbers).all() or not numbers[0].is_integer():
        raise InputError(
            f"{file} row {row}: {shown(' '.join(cells))} is not a class number and a box"
        )
    return int(numbers[0])
