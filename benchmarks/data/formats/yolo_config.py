"""The data.yaml of a YOLO data set."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...utils import InputError
from ..tables import read_text, shown
from .build import check_labels
from .image_files import folders_in

_NAMES = ("data.yaml", "data.yml", "dataset.yaml", "dataset.yml")
_PARTS = ("train", "val", "test")

_LISTS = ("classes.txt", "obj.names", "_darknet.labels")
"""Lists of one class per line: Label Studio and LabelImg, CVAT and Darknet, Roboflow."""


@dataclass(frozen=True)
class YoloConfig:
    """What a data.yaml says.

    Attributes
    ----------
    file : Path
    root : Path
        What the places are relative to.
    names : list of str
        The classes by their numbers.
    parts : dict of str to list of Path
        The folders of pictures, or text files that list pictures, of each part.
    """

    file: Path
    root: Path
    names: list[str]
    parts: dict[str, list[Path]]


def find_config(folder: Path) -> Path | None:
    """Give a folder's data.yaml, under one of its usual names."""
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
    import yaml  # type: ignore[import-untyped]  # of use for this format only

    file = path if path.is_file() else find_config(path)
    if file is None and (names := find_list(path)):
        return _from_list(path, names)
    if file is None:
        raise InputError(
            f"{path}: no data.yaml and no classes.txt; write a data.yaml with `names: [cat, dog]`"
        )
    if file.name in _LISTS:
        return _from_list(file.parent, file)
    try:
        content = yaml.safe_load(read_text(str(file)))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{file}: not YAML ({reason})") from None
    if not isinstance(content, dict):
        raise InputError(f"{file}: {shown(content)} is not a list of `key: value`")
    root = _root(file, content.get("path"))
    parts = {part: _places(file, root, part, content.get(part)) for part in _PARTS}
    if not any(parts.values()):
        parts = _usual_places(root)
    return YoloConfig(file, root, _names(file, content), {k: v for k, v in parts.items() if v})


def _from_list(root: Path, file: Path) -> YoloConfig:
    """Return what a list of classes and the folders next to it say."""
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
    """Follow `path:` where it leads somewhere from the file's folder, else stay in that folder."""
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
        # Some exports write ../train/images and mean train/images.
        tried = [root / text, root / text.removeprefix("../")]
        found = next((one for one in tried if one.exists()), None)
        if found is None and part != "test":  # often named, and seldom handed out
            raise InputError(f"{file}: {part}: {tried[0]} does not exist; mend the path")
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
