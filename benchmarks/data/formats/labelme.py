"""LabelMe: one JSON file per image, with flags and shapes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...utils import InputError
from ..tables import LabelTable, shown
from .collector import LabelCollector, as_list, as_mapping
from .format import CERTAIN, Detection, Format
from .image_files import folders_in
from .source import Source, part_of


def detect(source: Source) -> Detection | None:
    """Return a detection where the JSON files of LabelMe lie."""
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
        if source.suffix == ".json" and _fits(source):
            yield source.path, ""
        return
    folders = [source.path, *(f for f in folders_in(source.path) if part_of(f.name))]
    for folder in folders:
        near = "" if folder == source.path else folder.name
        files = [file for file in Source(folder).label_files if file.suffix.lower() == ".json"]
        fits = [file for file in files[:3] if _fits(Source(file))]
        if fits:
            yield from ((file, near) for file in files if not every or _fits_loosely(file))
            if not every:
                return


def _fits(member: Source) -> bool:
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
    detect,
    read_labelme,
    ("imagePath", "shapes", "flags", "imageData", "imageHeight"),
)
