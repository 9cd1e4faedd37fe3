"""COCO: one JSON of instances per part."""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...utils import InputError
from ..tables import LabelTable, check_label_matrix, shown, split_parts
from .build import build_table, check_labels
from .format import CERTAIN, Detection, detect_member
from .image_files import ImageIndex
from .parsing import describe, read_json
from .source import Source, files_of_parts

# Datumaro and CVAT write labels_default.json for the labels of whole images.
_INSTANCES = re.compile(r"(?P<kind>instances|labels)_(?P<part>[A-Za-z]+?)(?P<year>20\d\d)?\.json")
_KEYS = ("images", "annotations", "categories")
_PER_FOLDER = "_annotations.coco.json"


def detect(source: Source) -> Detection | None:
    """Detect the files of COCO, or a JSON file with their lists."""
    if source.path.is_dir():
        found = _sources(source.path)
        if found:
            return Detection(CERTAIN, f"{next(iter(found.values())).name} of COCO")
    return detect_member((".json",), _mark, CERTAIN)(source)


def read_coco_source(source: Source) -> LabelTable:
    """Read the folder or the file of a source."""
    if source.path.is_file() or _sources(source.path):
        return read_coco(source.path)
    advice = "no annotations/instances_*.json there, nor another JSON file of COCO"
    parts = files_of_parts(source, (".json",), _mark, advice)
    return read_coco(source.path, files={part: member.path for part, member in parts.items()})


def _mark(member: Source) -> str:
    content = member.json_or_none()
    fits = isinstance(content, dict) and all(isinstance(content.get(key), list) for key in _KEYS)
    return "has images, annotations and categories of COCO" if fits else ""


def read_coco(
    path: Path, year: str | None = None, files: Mapping[str, Path] | None = None
) -> LabelTable:
    """Read COCO 2014 or 2017, or anything laid out like them.

    All categories are labels, also those without an object, in the order of their ids. A region
    marked `iscrowd` counts as one object. An image without objects has no label. val is the test
    part. A file that is listed under several ids is one image with the labels of all of them.

    Parameters
    ----------
    path : Path
        The folder with ``annotations/instances_<part><year>.json``, or with a folder per part that
        holds an ``_annotations.coco.json``; or one such JSON file.
    year : str, optional
        The year to read, if several years share the folder.
    files : dict of str to Path, optional
        The annotation file of each part, if they have other names.

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
        root, files = path, files or _files_of_year(path, year)
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
        names_in_part = _image_paths(root, file, found)
        twice = set(names_in_part) & set(images)
        if twice:
            raise InputError(f"{file}: {shown(min(twice))} is in another part too")
        images += names_in_part
        parts += [part] * len(found)
        blocks.append(counts)
    counts = np.concatenate(blocks)
    if not counts.any():
        read = ", ".join(file.name for file in files.values())
        raise InputError(
            f"{root}: no annotation in {read}; a project that labels whole images is not "
            "exported as COCO (Label Studio: choose JSON-MIN)"
        )
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
    """Return the ids; None if one is not a number, or too large for an array."""
    fit = all(isinstance(number, int) and abs(number) < 2**63 for number in ids)
    return ids if fit else None


def _sources(root: Path) -> dict[tuple[str, str], Path]:
    """Return the annotation file of each year and part."""
    found: dict[tuple[str, str], Path] = {}
    for kind in ("instances", "labels"):
        for file in sorted((root / "annotations").glob(f"{kind}_*.json")):
            if (match := _INSTANCES.fullmatch(file.name)) and kind == match["kind"]:
                found.setdefault((match["year"] or "", match["part"]), file)
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
    content = read_json(file)
    for key in _KEYS:
        if not isinstance(content, dict) or not isinstance(content.get(key), list):
            raise InputError(
                f"{file}: no list {key!r} as in a COCO file; it holds {describe(content)}"
            )
        for number, entry in enumerate(content[key]):
            if not isinstance(entry, dict):
                raise InputError(f"{file}: {key}[{number}] is not an object")
    return dict(content)


def _get(
    file: Path, content: dict[str, list[dict[str, Any]]], key: str, *fields: str
) -> Iterator[Any]:
    """Return the fields of every entry of a list as tuples."""
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
    images: dict[str, int] = {}
    ids: list[Any] = []
    merged: set[int] = set()
    for number, (key, image) in enumerate(_get(file, content, "images", "id", "file_name")):
        if key in rows:
            raise InputError(f"{file}: images[{number}] has the id {shown(key)} of an earlier one")
        name = _normal_name(str(image))
        if name in images:
            merged.add(images[name])
        else:
            images[name] = len(images)
            ids.append(key)
        rows[key] = images[name]
    check_label_matrix(file, len(images), len(column), len(content["annotations"]))
    counts = np.zeros((len(images), len(column)), dtype=np.int64)
    of_id: dict[Any, NDArray[np.int64]] = {}
    for number, (image, category) in enumerate(
        _get(file, content, "annotations", "image_id", "category_id")
    ):
        if image not in rows or category not in column:
            what, value = ("image", image) if image not in rows else ("category", category)
            raise InputError(
                f"{file}: annotations[{number}] is of {what} {shown(value)}, not in it"
            )
        if rows[image] in merged:
            per_id = of_id.setdefault(image, np.zeros(len(column), dtype=np.int64))
            per_id[column[category]] += 1
        else:
            counts[rows[image], column[category]] += 1
    for image, per_id in of_id.items():
        # Two ids of one file usually repeat its objects: use the larger number.
        np.maximum(counts[rows[image]], per_id, out=counts[rows[image]])
    return ids, list(images), counts


def _normal_name(image: str) -> str:
    """Return a file name with slashes, and without needless ones."""
    plain = image.replace("\\", "/")
    return posixpath.normpath(plain) if "./" in plain or "//" in plain else plain


def _image_paths(root: Path, file: Path, images: Sequence[str]) -> list[str]:
    """Return the images of a file relative to the root, by looking for the first ones."""
    match = _INSTANCES.fullmatch(file.name)
    part = match["part"] if match else file.parent.name
    whole = file.stem.removeprefix("instances_").removeprefix("labels_")
    places = [f"{whole}/", f"images/{whole}/", f"{part}/", f"images/{part}/", "images/", ""]
    for place in places:
        if any((root / place / image).is_file() for image in images[:20]):
            return [place + image for image in images]
    index = ImageIndex(root)
    found = [index.find(image) for image in images]
    return [path or places[0] + image for path, image in zip(found, images, strict=True)]
