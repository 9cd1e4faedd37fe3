"""Datumaro's own JSON, which CVAT exports too, and its lists of ImageNet."""

from pathlib import Path
from typing import Any

from ...utils import InputError
from ..tables import LabelTable, shown
from .collector import LabelCollector, as_list, as_mapping, files_of_parts
from .format import CERTAIN, Format, detect_member
from .source import Source

_NO_OBJECTS = ("label", "caption", "mask_id", "hash_key", "feature_vector", "tabular")


def read_datumaro(source: Source) -> LabelTable:
    """Read ``annotations/<subset>.json`` of Datumaro.

    The labels are the annotations of type ``label``. In a data set without these they are the
    labels of the shapes, which are then counted.

    Raises
    ------
    InputError
        If a file is broken.
    """
    advice = "no annotations/*.json of Datumaro there"
    members = _files(source, advice)
    contents = [
        (str(member.path), part, dict(as_mapping(str(member.path), member.json, "the file")))
        for part, member in members
    ]
    names = _names(*contents[0][::2])
    items = [
        (
            f"{file}: items[{number}]",
            part,
            Path(file).stem,
            as_mapping(file, item, f"items[{number}]"),
        )
        for file, part, content in contents
        for number, item in enumerate(as_list(file, content.get("items"), "'items'"))
    ]
    for file, _, content in contents:
        if _names(file, content) != names:
            raise InputError(f"{file}: its labels are not those of {contents[0][0]}")
    kinds = {
        str(found.get("type"))
        for where, _, _, item in items
        for found in _annotations(where, dict(item))
    }
    tags = "label" in kinds
    collector = LabelCollector(source, names, counted=not tags)
    for where, part, subset, item in items:
        labels = [
            _name(where, names, found.get("label_id"))
            for found in _annotations(where, dict(item))
            if (found.get("type") == "label") == tags and found.get("type") not in _NO_OBJECTS[1:]
        ]
        collector.add(where, _image(where, dict(item)), labels, part=part, near=f"images/{subset}")
    return collector.table()


def _files(source: Source, advice: str) -> list[tuple[str, Source]]:
    """Return the files with their subsets: each file of ``annotations/`` is one."""
    members = [member for member in source.members(".json") if _mark(member)]
    if members and all(member.path.parent.name == "annotations" for member in members):
        return [(member.path.stem, member) for member in members]
    return list(files_of_parts(source, (".json",), _mark, advice).items())


def _mark(member: Source) -> str:
    content = member.json_or_none()
    fits = (
        isinstance(content, dict)
        and isinstance(content.get("items"), list)
        and isinstance(content.get("categories"), dict)
    )
    return "has items and categories of Datumaro" if fits else ""


def _names(file: str, content: dict[str, Any]) -> list[str]:
    categories = as_mapping(file, content.get("categories"), "'categories'")
    label = as_mapping(file, categories.get("label"), "'categories': 'label'")
    entries = as_list(file, label.get("labels"), "'labels'")
    names = []
    for entry in entries:
        name = as_mapping(file, entry, "a label").get("name")
        if not isinstance(name, str):
            raise InputError(f"{file}: {shown(entry)} among 'labels' has no name")
        names.append(name)
    return names


def _annotations(where: str, item: dict[str, Any]) -> list[dict[str, Any]]:
    found = as_list(where, item.get("annotations"), "'annotations'")
    return [dict(as_mapping(where, entry, "an annotation")) for entry in found]


def _name(where: str, names: list[str], number: object) -> str:
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < len(names):
        raise InputError(f"{where}: label_id {shown(number)} is not among the {len(names)} labels")
    return names[number]


def _image(where: str, item: dict[str, Any]) -> str:
    for key in ("image", "media"):
        media = item.get(key)
        if isinstance(media, dict) and isinstance(media.get("path"), str) and media["path"]:
            return str(media["path"])
    name = item.get("id")
    if not isinstance(name, str):
        raise InputError(f"{where}: neither an image with a path nor an id")
    return name


DATUMARO = Format(
    "datumaro",
    "Datumaro JSON: annotations/*.json, images/",
    detect_member((".json",), _mark, CERTAIN),
    read_datumaro,
    ("items", "categories", "infos", "dm_format_version", "media_type", "label_id"),
)
