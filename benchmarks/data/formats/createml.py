"""Create ML: a JSON list of images with their labels or boxes."""

from typing import Any

from ...utils import InputError
from ..tables import LabelTable, shown
from .collector import LabelCollector, as_list, as_mapping, files_of_parts, part_members
from .format import CERTAIN, Detection, Format
from .image_files import folders_in
from .source import Source, part_of

_IMAGE_KEYS = ("filename", "image", "imagefilename")


def detect(source: Source) -> Detection | None:
    """Return a detection where a JSON list has the keys of Create ML."""
    try:
        files = _members(source)
    except InputError:  # several files; said when the source is read
        return Detection(CERTAIN, "several files have the keys of Create ML")
    mark = "has the keys of Create ML"
    return Detection(CERTAIN, f"{files[0][1].path.name} {mark}") if files else None


def read_createml(source: Source) -> LabelTable:
    """Read annotations of Create ML, in one folder or in ``train/``, ``valid/`` and ``test/``.

    An annotation is a text (the labels of a multi-label classifier), or an object with a ``label``
    (the boxes of an object detector, which are counted).

    Raises
    ------
    InputError
        If a file is broken.
    """
    files = _members(source)
    if not files:
        files_of_parts(source, (".json",), lambda _: "", "no JSON list of Create ML there")
    entries = [
        (f"{member.path}: entry {number}", near, as_mapping(str(member.path), entry, "an entry"))
        for near, member in files
        for number, entry in enumerate(as_list(str(member.path), member.json, "the file"), start=1)
    ]
    boxes = any(
        isinstance(found, dict) for where, _, entry in entries for found in _found(where, entry)
    )
    collector = LabelCollector(Source(source.root), counted=boxes)
    for where, near, entry in entries:
        key = next((key for key in _IMAGE_KEYS if key in entry), "image")
        labels = [_label(where, found) for found in _found(where, entry)]
        collector.add(where, entry.get(key), labels, part=near, near=near)
    return collector.table()


def _members(source: Source) -> list[tuple[str, Source]]:
    found = [member for member in source.members(".json") if _fits(member)]
    if found or source.path.is_file():
        return list(part_members(source, found).items()) if found else []
    return [
        (folder.name, member)
        for folder in folders_in(source.path)
        if part_of(folder.name)
        for member in Source(folder).members(".json")
        if _fits(member)
    ]


def _fits(member: Source) -> bool:
    content = member.json_or_none()
    first = content[0] if isinstance(content, list) and content else None
    return (
        isinstance(first, dict)
        and ("annotations" in first or "annotation" in first)
        and any(isinstance(first.get(key), str) for key in _IMAGE_KEYS)
        and "annotation_id" not in first
    )


def _found(where: str, entry: Any) -> list[object]:
    return as_list(where, entry.get("annotations", entry.get("annotation")), "'annotations'")


def _label(where: str, found: object) -> object:
    label = found.get("label") if isinstance(found, dict) else found
    if not isinstance(label, str):
        raise InputError(f"{where}: annotation {shown(found)} has no label")
    return label


CREATEML = Format(
    "createml",
    "Create ML: a JSON list with filename and annotations",
    detect,
    read_createml,
    ("filename", "image", "annotations", "imagefilename", "label", "coordinates"),
)
