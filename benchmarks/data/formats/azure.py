"""Azure Custom Vision (tagged images as JSON) and Azure Machine Learning (JSON Lines)."""

from collections.abc import Mapping
from typing import Any

from ...utils import InputError
from ..tables import LabelTable, shown
from .collector import LabelCollector, as_list, as_mapping, files_of_parts
from .format import CERTAIN, Format, detect_member
from .json_file import read_json_lines
from .source import Source

_SUFFIXES = (".json", ".jsonl", ".ndjson")
_ADDRESSES = ("originalImageUri", "resizedImageUri", "thumbnailUri")


def read_azure(source: Source) -> LabelTable:
    """Read what Azure exports.

    From Custom Vision: the answer of ``Get Tagged Images``, a JSON list of images with their tags;
    the images are files named by their id, by their name, or as at the end of their address. From
    Azure Machine Learning: JSON Lines with ``image_url`` and ``label``.

    Raises
    ------
    InputError
        If the export is broken.
    """
    advice = "no tagged images of Custom Vision or Azure ML there"
    parts = files_of_parts(source, _SUFFIXES, _mark, advice)
    boxes = False
    collected = []
    for part, member in parts.items():
        file = str(member.path)
        if member.suffix == ".json":
            entries = as_list(file, member.json, "the file")
            for number, entry in enumerate(entries, start=1):
                where = f"{file}: image {number}"
                image = as_mapping(where, entry, "the entry")
                collected.append((where, _file(where, source, image), _tags(where, image), part))
        else:
            for where, row in read_json_lines(member.path):
                labels = row.get("label", [])
                labels = labels if isinstance(labels, list) else [labels]
                boxes = boxes or any(isinstance(label, Mapping) for label in labels)
                names = [one.get("label") if isinstance(one, Mapping) else one for one in labels]
                collected.append((where, row.get("image_url"), names, part))
    collector = LabelCollector(source, counted=boxes)
    for where, reference, names, part in collected:
        collector.add(where, reference, names, part=part)
    return collector.table()


def _mark(member: Source) -> str:
    if member.suffix == ".json":
        content = member.json_or_none()
        first = content[0] if isinstance(content, list) and content else None
        fits = (
            isinstance(first, dict)
            and any(key in first for key in _ADDRESSES)
            and isinstance(first.get("tags", []), list)
        )
        return "has tagged images of Custom Vision" if fits else ""
    first = member.first_object
    return "has lines of Azure Machine Learning" if {"image_url", "label"} <= first.keys() else ""


def _tags(where: str, image: Mapping[str, Any]) -> list[object]:
    labels: list[object] = []
    for tag in as_list(where, image.get("tags") or [], "'tags'"):
        name = as_mapping(where, tag, "a tag").get("tagName")
        if not isinstance(name, str):
            raise InputError(f"{where}: tag {shown(tag)} has no tagName")
        labels.append(name)
    return labels


def _file(where: str, source: Source, image: Mapping[str, Any]) -> object:
    """Return the first of the names of an image that is a file; else its id."""
    names = [image.get(key) for key in ("name", "fileName", "id", *_ADDRESSES)]
    texts = [name for name in names if isinstance(name, str) and name]
    if not texts:
        raise InputError(f"{where}: neither an id nor an address of the image")
    return next((text for text in texts if source.images.find(text)), texts[0])


AZURE = Format(
    "azure",
    "Azure Custom Vision or Azure ML: tagged images as JSON",
    detect_member(_SUFFIXES, _mark, CERTAIN),
    read_azure,
    ("tags", "tagName", "tagId", "originalImageUri", "resizedImageUri", "image_url"),
)
