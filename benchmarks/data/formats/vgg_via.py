"""VGG Image Annotator (VIA) 2: project, annotations as JSON, annotations as CSV."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ...utils import InputError
from ..tables import LabelTable, read_records, shown
from .collector import LabelCollector, as_list, as_mapping, files_of_parts
from .format import CERTAIN, Format, detect_member
from .source import Source

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
    """Yield the attributes that are choices, where the project says it; free texts are none."""
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
            # A free text, as a caption, is kept out where the project says what the choices are.
            pairs.append((name, value.strip()))
    return pairs


VGG_VIA = Format(
    "vgg-via",
    "VGG Image Annotator: project or annotations as JSON or CSV",
    detect_member(_SUFFIXES, _mark, CERTAIN),
    read_vgg_via,
    ("_via_img_metadata", "_via_settings", "filename", "regions", "file_attributes"),
)
