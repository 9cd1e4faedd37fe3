"""CVAT for images 1.1: one XML file with the tags and shapes of all images."""

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from ...utils import InputError
from ..tables import LabelTable
from .collector import LabelCollector, files_of_parts
from .format import CERTAIN, Format, detect_member
from .source import Source
from .xml_tree import read_xml

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
    members = files_of_parts(source, (".xml",), _mark, advice)
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


def _mark(member: Source) -> str:
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
            # The points of a skeleton are labels of their own in the list, and none of an image.
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
    detect_member((".xml",), _mark, CERTAIN),
    read_cvat,
    ("annotations", "image", "tag", "box", "meta", "version"),
)
