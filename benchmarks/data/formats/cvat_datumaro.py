"""CVAT for images (XML), and Datumaro's own JSON, which CVAT exports too."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from ...utils import InputError
from ..tables import LabelTable, shown
from .collector import LabelCollector
from .format import CERTAIN, Format, detect_member
from .parsing import as_list, as_mapping, read_xml
from .source import Source, files_of_parts

_ROOT = re.compile(r"<\s*annotations[\s>]")
_OWN = re.compile(r"<\s*(meta|image|version)[\s>]")
_SHAPES = frozenset(
    ("box", "polygon", "polyline", "points", "mask", "cuboid", "ellipse", "skeleton")
)


def read_cvat(source: Source) -> LabelTable:
    """Read an export "CVAT for images 1.1".

    The labels are the tags of each image. In a project without tags they are the labels of its
    shapes, which are then counted. The labels that the project declares stay in their order.

    Raises
    ------
    InputError
        If the file is broken, is an export for video, or holds neither tags nor shapes.
    """
    advice = "no annotations.xml of CVAT; export the task as CVAT for images 1.1"
    members = files_of_parts(source, (".xml",), _mark_cvat, advice)
    trees = {part: (member.path, _tree(member.path)) for part, member in members.items()}
    has_tags = any(tree.find("image/tag") is not None for _, tree in trees.values())
    declared: dict[str, None] = {}
    for _, tree in trees.values():
        declared |= dict.fromkeys(_declared(tree))
    collector = LabelCollector(source, list(declared), counted=not has_tags)
    for part, (file, tree) in trees.items():
        for number, image in enumerate(tree.iterfind("image"), start=1):
            where = f"{file}: image {number}"
            name = image.get("name")
            if name is None:
                raise InputError(f"{where} has no name")
            labels = list(_labels(where, image, has_tags))
            collector.add(where, name, labels, part=image.get("subset") or part)
    return collector.table()


def _mark_cvat(member: Source) -> str:
    head = member.head
    if _ROOT.search(head) and _OWN.search(head):
        return "has <annotations> of CVAT"
    return ""


def _tree(file: Path) -> Element:
    tree = read_xml(file)
    if tree.tag != "annotations":
        raise InputError(f"{file}: a <{tree.tag}>, not the <annotations> of CVAT")
    if tree.find("track") is not None and tree.find("image") is None:
        raise InputError(
            f"{file}: an export for video, with tracks instead of images; export the task as CVAT "
            "for images 1.1"
        )
    return tree


def _declared(tree: Element) -> Iterator[str]:
    for place in ("task", "project", "job"):
        for label in tree.iterfind(f"meta/{place}/labels/label"):
            # The points of a skeleton are listed as labels too, but are not labels of images.
            if label.find("parent") is None and (name := (label.findtext("name") or "").strip()):
                yield name


def _labels(where: str, image: Element, has_tags: bool) -> Iterator[str]:
    for element in image:
        if element.tag == "tag" if has_tags else element.tag in _SHAPES:
            label = element.get("label")
            if label is None:
                raise InputError(f"{where} has a <{element.tag}> without a label")
            yield label


CVAT = Format(
    "cvat",
    "CVAT for images: annotations.xml",
    detect_member((".xml",), _mark_cvat, CERTAIN),
    read_cvat,
    ("annotations", "image", "tag", "box", "meta", "version"),
)


_NO_OBJECTS = ("label", "caption", "mask_id", "hash_key", "feature_vector", "tabular")


def read_datumaro(source: Source) -> LabelTable:
    """Read ``annotations/<subset>.json`` of Datumaro.

    The labels are the annotations of type ``label``, or, without any, the labels of the shapes,
    which are then counted.

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
    members = [member for member in source.members(".json") if _mark_datumaro(member)]
    if members and all(member.path.parent.name == "annotations" for member in members):
        return [(member.path.stem, member) for member in members]
    return list(files_of_parts(source, (".json",), _mark_datumaro, advice).items())


def _mark_datumaro(member: Source) -> str:
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
    detect_member((".json",), _mark_datumaro, CERTAIN),
    read_datumaro,
    ("items", "categories", "infos", "dm_format_version", "media_type", "label_id"),
)
