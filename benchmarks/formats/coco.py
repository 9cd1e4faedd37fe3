"""COCO: one JSON of instances per part."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError
from ..tables import LabelTable, read_text, shown, split_parts
from .build import build_table, check_labels

_INSTANCES = re.compile(r"instances_(?P<part>[A-Za-z]+?)(?P<year>20\d\d)?\.json")
_PER_FOLDER = "_annotations.coco.json"


def is_coco(path: Path) -> bool:
    """Tell whether a path is a JSON file or a folder with instances in it."""
    return path.suffix.lower() == ".json" if path.is_file() else bool(_sources(path))


def read_coco(path: Path, year: str | None = None) -> LabelTable:
    """Read COCO 2014 or 2017, or anything laid out like them.

    All categories are labels, also those of no object, in the order of their ids. A region marked
    `iscrowd` (many of a kind, not told apart) says that the label is present, and counts as one
    object. A picture without objects has no label, which is an answer too. val is what is judged.

    Parameters
    ----------
    path : Path
        The folder with ``annotations/instances_<part><year>.json``, or with a folder per part that
        holds an ``_annotations.coco.json``; or one such JSON file.
    year : str, optional
        Which one, where several years share the folder.

    Raises
    ------
    InputError
        If an annotation file is broken, or several years are found.
    """
    if path.is_file():
        root, files = path.parent, {"": path}
        if root.name == "annotations":
            root = root.parent
    else:
        root, files = path, _files_of_year(path, year)
    names: list[str] = []
    images: list[str] = []
    parts: list[str] = []
    image_ids: list[Any] = []
    blocks = []
    for part, file in files.items():
        content = _read(file)
        labels, column = _categories(file, content)
        if names and labels != names:
            raise InputError(f"{file}: its categories are not those of the other parts")
        names = labels
        ids, found, counts = _count(file, content, column)
        image_ids += ids
        folder = _picture_folder(root, file, found)
        images += [folder + image for image in found]
        parts += [part] * len(found)
        blocks.append(counts)
    counts = np.concatenate(blocks)
    known_parts = parts if set(parts) <= set(split_parts(parts)) else None
    name = f"{root.absolute().name}{year or ''}"
    return build_table(
        root,
        images,
        names,
        counts > 0,
        name=name,
        parts=known_parts,
        counts=counts,
        image_ids=_numbers(image_ids),
        label_ids=_numbers(list(column)),
    )


def _numbers(ids: list[Any]) -> list[Any] | None:
    """Give ids that are numbers; None where one is not, or too large for an array."""
    fit = all(isinstance(one, int) and abs(one) < 2**63 for one in ids)
    return ids if fit else None


def _sources(root: Path) -> dict[tuple[str, str], Path]:
    """Give (year, part) -> file."""
    found = {}
    for file in sorted((root / "annotations").glob("instances_*.json")):
        if match := _INSTANCES.fullmatch(file.name):
            found[match["year"] or "", match["part"]] = file
    for file in sorted(root.glob(f"*/{_PER_FOLDER}")):
        found["", file.parent.name] = file
    return found


def _files_of_year(root: Path, year: str | None) -> dict[str, Path]:
    found = _sources(root)
    years = sorted({of for of, _ in found})
    if not found or (year is not None and year not in years):
        raise InputError(f"{root}: no annotations/instances_*{year or ''}.json there")
    if year is None and len(years) > 1:
        raise InputError(f"{root}: holds several years ({', '.join(years)}); name one JSON file")
    return {part: file for (of, part), file in found.items() if of == (year or years[0])}


def _read(file: Path) -> dict[str, list[dict[str, Any]]]:
    try:
        content = json.loads(read_text(str(file)))
    except (ValueError, RecursionError) as error:  # ValueError: also a number of 5,000 digits
        raise InputError(f"{file}: not JSON ({error}); fetch it again") from None
    for key in ("images", "annotations", "categories"):
        if not isinstance(content, dict) or not isinstance(content.get(key), list):
            raise InputError(f"{file}: no list {key!r}; it must be a COCO file of instances")
        for number, entry in enumerate(content[key]):
            if not isinstance(entry, dict):
                raise InputError(f"{file}: {key}[{number}] is not an object")
    return dict(content)


def _get(
    file: Path, content: dict[str, list[dict[str, Any]]], key: str, *fields: str
) -> Iterator[Any]:
    """Give the fields of every entry of a list as tuples."""
    for number, entry in enumerate(content[key]):
        try:
            values = tuple(entry[field] for field in fields)
        except KeyError as error:
            raise InputError(f"{file}: {key}[{number}] has no {error}") from None
        if not all(isinstance(value, int | str) for value in values):
            raise InputError(f"{file}: {key}[{number}] has {values}, not numbers and texts")
        yield values


def _categories(
    file: Path, content: dict[str, list[dict[str, Any]]]
) -> tuple[list[str], dict[Any, int]]:
    pairs = list(_get(file, content, "categories", "id", "name"))
    ids = [number for number, _ in pairs]
    if not all(isinstance(number, int) for number in ids) or len(set(ids)) != len(ids):
        raise InputError(f"{file}: the ids of its categories are not different whole numbers")
    pairs.sort()
    names = [str(name).strip() for _, name in pairs]
    check_labels(str(file), names)
    return names, {number: j for j, (number, _) in enumerate(pairs)}


def _count(
    file: Path, content: dict[str, list[dict[str, Any]]], column: dict[Any, int]
) -> tuple[list[Any], list[str], Any]:
    rows: dict[Any, int] = {}
    images = []
    for number, (key, image) in enumerate(_get(file, content, "images", "id", "file_name")):
        if key in rows:
            raise InputError(f"{file}: images[{number}] has the id {shown(key)} of an earlier one")
        rows[key] = number
        images.append(str(image))
    counts = np.zeros((len(rows), len(column)), dtype=np.int64)
    for number, (image, category) in enumerate(
        _get(file, content, "annotations", "image_id", "category_id")
    ):
        if image not in rows or category not in column:
            what, value = ("image", image) if image not in rows else ("category", category)
            raise InputError(
                f"{file}: annotations[{number}] is of {what} {shown(value)}, not in it"
            )
        counts[rows[image], column[category]] += 1
    return list(rows), images, counts


def _picture_folder(root: Path, file: Path, images: Sequence[str]) -> str:
    """Give the folder of a file's pictures relative to the root, with a slash; by looking there."""
    match = _INSTANCES.fullmatch(file.name)
    part = match["part"] if match else file.parent.name
    whole = file.stem.removeprefix("instances_")
    places = [f"{whole}/", f"images/{whole}/", f"{part}/", f"images/{part}/", "images/", ""]
    for place in places:
        if any((root / place / image).is_file() for image in images[:20]):
            return place
    return places[0]
