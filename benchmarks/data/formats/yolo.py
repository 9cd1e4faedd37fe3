"""YOLO: a text file of boxes per image, and a data.yaml or a list that names the classes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...utils import InputError
from ..tables import LabelTable, check_label_matrix, read_text, shown
from .build import build_table, check_labels
from .image_files import folders_in, images_below
from .parsing import read_yaml

_NAMES = ("data.yaml", "data.yml", "dataset.yaml", "dataset.yml")
_PARTS = ("train", "val", "test")

_LISTS = ("classes.txt", "obj.names", "_darknet.labels")
"""Lists of one class per line: Label Studio and LabelImg, CVAT and Darknet, Roboflow."""


@dataclass(frozen=True)
class YoloConfig:
    """Content of a data.yaml.

    Attributes
    ----------
    file : Path
    root : Path
        The folder that paths are relative to.
    names : list of str
        The classes by their numbers.
    parts : dict of str to list of Path
        The folders of images, or text files that list images, of each part.
    """

    file: Path
    root: Path
    names: list[str]
    parts: dict[str, list[Path]]


def find_config(folder: Path) -> Path | None:
    """Return the data.yaml of a folder, under one of its usual names."""
    return next((folder / name for name in _NAMES if (folder / name).is_file()), None)


def find_list(folder: Path) -> Path | None:
    """Return a folder's list of classes, in the folder itself or in its ``labels/``."""
    places = (folder, folder / "labels", folder / "images")
    return next(
        (place / name for place in places for name in _LISTS if (place / name).is_file()), None
    )


def read_config(path: Path) -> YoloConfig:
    """Read the data.yaml at a path or in a folder.

    Raises
    ------
    InputError
        If there is none, it is not YAML, or it names no classes or places that do not exist.
    """
    file = path if path.is_file() else find_config(path)
    if file is None and (names := find_list(path)):
        return _from_list(path, names)
    if file is None:
        raise InputError(
            f"{path}: no data.yaml and no classes.txt; write a data.yaml with `names: [cat, dog]`"
        )
    if file.name in _LISTS:
        return _from_list(file.parent, file)
    content = read_yaml(file)
    if not isinstance(content, dict):
        raise InputError(f"{file}: {shown(content)} is not a list of `key: value`")
    root = _root(file, content.get("path"))
    parts = {part: _places(file, root, part, content.get(part)) for part in _PARTS}
    if not any(parts.values()):
        parts = _usual_places(root)
    return YoloConfig(file, root, _names(file, content), {k: v for k, v in parts.items() if v})


def _from_list(root: Path, file: Path) -> YoloConfig:
    """Return the configuration of a list of classes and the folders next to it."""
    names = [line.strip() for line in read_text(str(file)).splitlines() if line.strip()]
    check_labels(str(file), names)
    parts = _usual_places(root) or _folders_of_parts(root)
    if not parts and (folder := root / "obj_train_data").is_dir():
        parts = {"train": [folder]}
    return YoloConfig(file, root, names, parts or {"train": [root]})


def _folders_of_parts(root: Path) -> dict[str, list[Path]]:
    """Return ``train/images`` and the like, where the parts are the outer folders."""
    words = {"train": "train", "valid": "val", "val": "val", "test": "test"}
    return {
        part: [root / word / "images"]
        for word, part in words.items()
        if (root / word / "images").is_dir()
    }


def _root(file: Path, given: Any) -> Path:
    """Return the folder of `path:` if it exists, else the folder of the file."""
    here = file.parent
    return here / given if isinstance(given, str) and (here / given).is_dir() else here


def _names(file: Path, content: dict[Any, Any]) -> list[str]:
    names = content.get("names")
    if isinstance(names, dict):
        if sorted(names, key=str) != sorted(range(len(names)), key=str):
            raise InputError(f"{file}: the keys of `names` are not 0 to {len(names) - 1}")
        names = [names[number] for number in range(len(names))]
    if not isinstance(names, list) or not names:
        raise InputError(f"{file}: no `names`; write one name per class, as in names: [cat, dog]")
    texts = [str(name) for name in names]
    check_labels(f"{file}: names", texts)
    if content.get("nc", len(texts)) != len(texts):
        raise InputError(f"{file}: `nc` is {shown(content['nc'])}, but {len(texts)} are named")
    return texts


def _places(file: Path, root: Path, part: str, given: Any) -> list[Path]:
    if given is None:
        return []
    places = []
    for place in given if isinstance(given, list) else [given]:
        text = str(place)
        # Some exports write ../train/images instead of train/images.
        tried = [root / text, root / text.removeprefix("../")]
        found = next((path for path in tried if path.exists()), None)
        if found is None and part != "test":  # often listed, but rarely published
            raise InputError(f"{file}: {part}: {tried[0]} does not exist; correct the path")
        places += [found] if found else []
    return places


def _usual_places(root: Path) -> dict[str, list[Path]]:
    images = root / "images"
    named = [folder for folder in folders_in(images) if folder.name.rstrip("0123456789") in _PARTS]
    if not named:
        return {"train": [images]} if images.is_dir() else {}
    parts: dict[str, list[Path]] = {part: [] for part in _PARTS}
    for folder in named:
        parts[folder.name.rstrip("0123456789")].append(folder)
    return parts


Boxes = dict[int, int]
"""Class number -> how many boxes."""


def is_yolo(path: Path) -> bool:
    """Return whether a path is a data.yaml, or a folder with one or with images/ and labels/."""
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

    All names of data.yaml are labels, in their order. The boxes (or outlines) of an image are in
    the text file whose path has ``labels`` instead of the last folder ``images``; an empty or
    missing file is background, an image without labels. A part without any label file is not
    labelled and is left out. val is the test part, or for training if test is labelled.

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
        paths = [path for place in places for path in _image_paths(config, place)]
        labels = [_label_file(config.root / path) for path in paths]
        if not any(file.is_file() for file in labels):
            continue
        images += paths
        parts += [part] * len(paths)
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
        raise InputError(f"{config.file}: {twice!r} is repeated in its parts")
    check_label_matrix(config.file, len(images), len(config.names), sum(map(len, boxes)))
    counts = np.zeros((len(images), len(config.names)), dtype=np.int64)
    for i, found in enumerate(boxes):
        for number, count in found.items():
            counts[i, number] = count
    return build_table(config.root, images, config.names, counts > 0, parts=parts, counts=counts)


def _image_paths(config: YoloConfig, place: Path) -> list[str]:
    """Return the images of a folder, or of a text file that lists them, relative to the root."""
    if place.is_dir():
        return [_relative(config, place / name) for name in images_below(place)]
    lines = [line.strip() for line in read_text(str(place)).splitlines()]
    # As in YOLO's own readers, a leading ./ is the folder of the list.
    listed = [
        place.parent / line if line.startswith("./") else config.root / line
        for line in lines
        if line
    ]
    return [_relative(config, path) for path in listed]


def _relative(config: YoloConfig, image: Path) -> str:
    try:
        return image.relative_to(config.root).as_posix()
    except ValueError:
        return str(image.absolute())


def _label_file(image: Path) -> Path:
    parts = list(image.parts)
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
