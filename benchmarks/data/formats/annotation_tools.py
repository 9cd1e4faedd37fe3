"""Annotation tools without a server: Create ML, LabelMe and the VGG Image Annotator."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ...utils import InputError
from ..tables import LabelTable, read_records, shown
from .collector import LabelCollector
from .format import CERTAIN, Detection, Format, detect_member
from .image_files import folders_in
from .parsing import as_list, as_mapping
from .source import Source, files_of_parts, part_members, part_of

_IMAGE_KEYS = ("filename", "image", "imagefilename")


def detect_createml(source: Source) -> Detection | None:
    """Detect a JSON list with the keys of Create ML."""
    try:
        files = _members(source)
    except InputError:  # several files; reported when the source is read
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
    found = [member for member in source.members(".json") if _fits_createml(member)]
    if found or source.path.is_file():
        return list(part_members(source, found).items()) if found else []
    return [
        (folder.name, member)
        for folder in folders_in(source.path)
        if part_of(folder.name)
        for member in Source(folder).members(".json")
        if _fits_createml(member)
    ]


def _fits_createml(member: Source) -> bool:
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
    detect_createml,
    read_createml,
    ("filename", "image", "annotations", "imagefilename", "label", "coordinates"),
)


def detect_labelme(source: Source) -> Detection | None:
    """Detect the JSON files of LabelMe."""
    first = next(_files(source), None)
    return Detection(CERTAIN, f"{first[0].name} has shapes and flags of LabelMe") if first else None


def read_labelme(source: Source) -> LabelTable:
    """Read the JSON files of LabelMe in a folder, and in its ``train/``, ``val/`` and ``test/``.

    The labels are the flags of each image (``labelme --flags``); where no image has flags, they are
    the labels of its shapes, which are then counted. An image without a JSON file was not
    annotated, and is left out.

    Raises
    ------
    InputError
        If a file is broken.
    """
    entries = [
        (str(file), near, as_mapping(str(file), Source(file).json, "the file"))
        for file, near in _files(source, every=True)
    ]
    if not entries:
        for member in source.members(".json"):
            _ = member.json  # raises where it is no JSON
        raise InputError(f"{source.path}: no JSON file of LabelMe there")
    flags = [
        dict(as_mapping(where, entry.get("flags") or {}, "'flags'")) for where, _, entry in entries
    ]
    whole = any(flags)
    names = list(dict.fromkeys(name for found in flags for name in found))
    collector = LabelCollector(Source(source.root), names, counted=not whole)
    for (where, near, entry), found in zip(entries, flags, strict=True):
        labels: list[object] = []
        unknown: list[str] = []
        if whole:
            wrong = next((value for value in found.values() if not isinstance(value, bool)), None)
            if wrong is not None:
                raise InputError(f"{where}: a flag is {shown(wrong)}, neither true nor false")
            labels = [name for name, value in found.items() if value]
            unknown = [name for name in names if name not in found]  # a flag added later
        else:
            for shape in as_list(where, entry.get("shapes"), "'shapes'"):
                labels.append(as_mapping(where, shape, "a shape").get("label"))
        collector.add(
            where,
            _image(where, entry),
            labels,
            part=near.rpartition("/")[2],
            near=near,
            unknown=unknown,
        )
    return collector.table()


def _files(source: Source, *, every: bool = False) -> Iterator[tuple[Path, str]]:
    """Yield the files with their folder relative to the root; by default, the first one only."""
    if source.path.is_file():
        if source.suffix == ".json" and _fits_labelme(source):
            yield source.path, ""
        return
    folders = [source.path, *(f for f in folders_in(source.path) if part_of(f.name))]
    for folder in folders:
        near = "" if folder == source.path else folder.name
        files = [file for file in Source(folder).label_files if file.suffix.lower() == ".json"]
        fits = [file for file in files[:3] if _fits_labelme(Source(file))]
        if fits:
            yield from ((file, near) for file in files if not every or _fits_loosely(file))
            if not every:
                return


def _fits_labelme(member: Source) -> bool:
    content = member.json_or_none()
    return isinstance(content, dict) and "imagePath" in content and "shapes" in content


def _fits_loosely(file: Path) -> bool:
    return file.name not in ("flags.json", "labels.json")


def _image(where: str, entry: Any) -> object:
    image = entry.get("imagePath")
    if not isinstance(image, str) or not image:
        raise InputError(f"{where}: no 'imagePath'; is this a file of LabelMe?")
    return image.replace("\\", "/")


LABELME = Format(
    "labelme",
    "LabelMe: one JSON per image",
    detect_labelme,
    read_labelme,
    ("imagePath", "shapes", "flags", "imageData", "imageHeight"),
)


_SUFFIXES = (".json", ".csv")
_CSV = {"filename", "file_attributes", "region_attributes"}
_CHOICES = ("checkbox", "radio", "dropdown")

Entry = tuple[str, str, Mapping[str, Any], list[Mapping[str, Any]]]
"""(where, file name, attributes of the file, attributes of each region)."""


def read_vgg_via(source: Source) -> LabelTable:
    """Read a project, or exported annotations, of VIA 2.

    The labels are the attributes of each file: the ticked boxes of a checkbox, and the value of a
    radio button or a drop-down list. In a project without attributes of files they are the
    attributes of the regions, which are then counted.

    Raises
    ------
    InputError
        If the file is broken, or several attributes share a value.
    """
    advice = "no project or annotations of VIA there"
    parts = files_of_parts(source, _SUFFIXES, _mark, advice)
    members = list(parts.values())
    entries = [(part, entry) for part, member in parts.items() for entry in _entries(member)]
    choices = {name for member in members for name in _choice_names(member, "file")}
    regions = {name for member in members for name in _choice_names(member, "region")}
    whole = any(_texts(entry[2], choices) for _, entry in entries)
    collector = LabelCollector(
        source, _options(members, "file" if whole else "region"), counted=not whole
    )
    owner: dict[str, str] = {}
    for part, (where, image, file_attributes, region_attributes) in entries:
        pairs = list(_texts(file_attributes, choices)) if whole else []
        for attributes in [] if whole else region_attributes:
            pairs += _texts(attributes, regions)
        for name, label in pairs:
            if owner.setdefault(label, name) != name:
                raise InputError(
                    f"{where}: {shown(label)} is a value of both {owner[label]!r} and {name!r}; "
                    "rename one of them"
                )
        collector.add(where, image, [label for _, label in pairs], part=part)
    return collector.table()


def _mark(member: Source) -> str:
    if member.suffix == ".csv":
        return "has the columns of VIA" if set(member.header) >= _CSV else ""
    content = member.json_or_none()
    if not isinstance(content, dict) or not content:
        return ""
    if "_via_img_metadata" in content:
        return "is a project of VIA"
    first = next(iter(content.values()))
    fits = isinstance(first, dict) and {"filename", "regions", "file_attributes"} <= first.keys()
    return "has the keys of VIA" if fits else ""


def _entries(member: Source) -> Iterator[Entry]:
    if member.suffix == ".csv":
        yield from _rows(member)
        return
    file = str(member.path)
    content = member.json
    images = as_mapping(file, content.get("_via_img_metadata", content), "'_via_img_metadata'")
    for key, value in images.items():
        where = f"{file}: {shown(key)}"
        image = as_mapping(where, value, "the entry")
        regions = image.get("regions", [])
        listed = list(regions.values()) if isinstance(regions, dict) else regions
        yield (
            where,
            image.get("filename"),  # type: ignore[misc]
            as_mapping(where, image.get("file_attributes", {}), "'file_attributes'"),
            [
                as_mapping(
                    where,
                    as_mapping(where, region, "a region").get("region_attributes"),
                    "'region_attributes'",
                )
                for region in as_list(where, listed, "'regions'")
            ],
        )


def _rows(member: Source) -> Iterator[Entry]:
    """Yield one entry per image: the CSV has one row per region."""
    records = read_records(str(member.path))
    found: dict[str, Entry] = {}
    for i, row in enumerate(records.rows):
        where = f"{member.path} row {row}"
        name = str(records.columns["filename"][i])
        file_attributes, region_attributes = (
            _cell(where, column, str(records.columns[column][i]))
            for column in ("file_attributes", "region_attributes")
        )
        entry = found.setdefault(name, (where, name, file_attributes, []))
        if region_attributes:
            entry[3].append(region_attributes)
    yield from found.values()


def _cell(where: str, column: str, text: str) -> Mapping[str, Any]:
    try:
        return as_mapping(where, json.loads(text or "{}"), repr(column))
    except (ValueError, RecursionError):
        raise InputError(f"{where}: {column!r} holds {shown(text)}, not JSON") from None


def _attributes(member: Source, kind: str) -> Mapping[str, Any]:
    content = member.json_or_none() if member.suffix == ".json" else None
    declared = content.get("_via_attributes") if isinstance(content, dict) else None
    found = declared.get(kind) if isinstance(declared, dict) else None
    return found if isinstance(found, dict) else {}


def _choice_names(member: Source, kind: str) -> Iterator[str]:
    """Generate the attributes that a project declares as choices; free texts are not."""
    for name, attribute in _attributes(member, kind).items():
        if isinstance(attribute, dict) and attribute.get("type") in _CHOICES:
            yield name


def _options(members: list[Source], kind: str) -> list[str]:
    return [
        option
        for member in members
        for attribute in _attributes(member, kind).values()
        if isinstance(attribute, dict)
        and attribute.get("type") in _CHOICES
        and isinstance(attribute.get("options"), dict)
        for option in attribute["options"]
    ]


def _texts(attributes: Mapping[str, Any], choices: set[str]) -> list[tuple[str, str]]:
    pairs = []
    for name, value in attributes.items():
        if choices and name not in choices:
            continue
        if isinstance(value, dict):
            pairs += [(name, str(option)) for option, ticked in value.items() if ticked is True]
        elif isinstance(value, str) and value.strip():
            # A project declares its choices, so that captions are left out.
            pairs.append((name, value.strip()))
    return pairs


VGG_VIA = Format(
    "vgg-via",
    "VGG Image Annotator: project or annotations as JSON or CSV",
    detect_member(_SUFFIXES, _mark, CERTAIN),
    read_vgg_via,
    ("_via_img_metadata", "_via_settings", "filename", "regions", "file_attributes"),
)
