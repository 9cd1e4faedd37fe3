"""Google Vertex AI and AutoML Vision: import and export files as CSV or JSON Lines."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from ...utils import InputError
from ..tables import LabelTable, read_text, shown
from .collector import LabelCollector, as_list, as_mapping, files_of_parts
from .format import CERTAIN, Format, detect_member
from .json_file import read_json_lines
from .source import Source

_SUFFIXES = (".csv", ".jsonl", ".ndjson")
_USES = ("training", "train", "validation", "validate", "test", "unassigned")
_ML_USE = "aiplatform.googleapis.com/ml_use"
_BOX_CELLS = 9  # a label and the coordinates of two or four corners

Row = tuple[str, object, list[object], str, bool]
"""(where, image, labels, part, whether the labels are of boxes)."""


def read_vertex_ai(source: Source) -> LabelTable:
    """Read a data set of Vertex AI: ``ml_use,gs://bucket/image,label,...`` or JSON Lines.

    The images are searched below the folder of the file by the last part of their address. Labels
    of boxes are counted; their rows are united by image. The use (training, validation, test)
    becomes the split.

    Raises
    ------
    InputError
        If a row is broken.
    """
    advice = "no CSV or JSON Lines with gs:// addresses there"
    members = files_of_parts(source, _SUFFIXES, _mark, advice)
    rows = [
        (part, row)
        for part, member in members.items()
        for row in (_csv_rows(member) if member.suffix == ".csv" else _json_rows(member))
    ]
    counted = any(row[-1] for _, row in rows)
    images: dict[tuple[str, str], Row] = {}
    for part, (where, image, labels, use, box) in rows:
        key = (part, str(image))
        if counted and key in images:
            images[key][2].extend(labels)
        elif key in images:
            raise InputError(
                f"{where}: image {shown(image)} is listed before, in {images[key][0]}; keep one of "
                "the rows"
            )
        else:
            images[key] = (where, image, list(labels), use or part, box)
    collector = LabelCollector(source, counted=counted)
    for where, image, labels, use, _ in images.values():
        collector.add(where, image, labels, part=use)
    return collector.table()


def _mark(member: Source) -> str:
    if member.suffix == ".csv":
        header = member.header
        if any(cell.startswith("gs://") for cell in header[:2]):
            return "has gs:// addresses of Vertex AI"
        return ""
    first = member.first_object
    fits = "imageGcsUri" in first or "imagePayload" in first
    return "has the keys of Vertex AI" if fits else ""


def _csv_rows(member: Source) -> Iterator[Row]:
    text = read_text(str(member.path))
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, skipinitialspace=True)
    try:
        for cells in reader:
            where = f"{member.path} row {reader.line_num}"
            if not any(cells):
                continue
            use, rest = ("", cells) if "://" in cells[0] else (cells[0].strip(), cells[1:])
            if use and use.lower() not in _USES:
                raise InputError(
                    f"{where}: {shown(use)} is neither an address nor one of training, validation, "
                    "test"
                )
            if not rest or "://" not in rest[0]:
                raise InputError(f"{where}: no gs:// address of an image")
            image, *labels = rest
            box = len(labels) >= _BOX_CELLS - 1 and all(map(_is_number, labels[1:]))
            kept = labels[:1] if box else labels
            yield where, image.strip(), [label for label in kept if label.strip()], use, box
    except csv.Error as error:
        raise InputError(f"{member.path} row {reader.line_num}: not CSV ({error})") from None


def _is_number(cell: str) -> bool:
    try:
        return not cell.strip() or float(cell) is not None
    except ValueError:
        return False


def _json_rows(member: Source) -> Iterator[Row]:
    for where, row in read_json_lines(member.path):
        resources = as_mapping(
            where, row.get("dataItemResourceLabels", {}), "'dataItemResourceLabels'"
        )
        use = str(resources.get(_ML_USE, row.get("mlUse", "")))
        if "imagePayload" in row:
            payload = as_mapping(where, row["imagePayload"], "'imagePayload'")
            found = as_list(where, row.get("annotations", []), "'annotations'")
            yield where, payload.get("imageUri"), [_legacy(where, one) for one in found], use, False
            continue
        boxes = as_list(where, row.get("boundingBoxAnnotations", []), "'boundingBoxAnnotations'")
        found = as_list(
            where, row.get("classificationAnnotations", []), "'classificationAnnotations'"
        )
        if "classificationAnnotation" in row:
            found = [row["classificationAnnotation"], *found]
        labels = [_name(where, one) for one in [*found, *boxes]]
        yield where, row.get("imageGcsUri"), labels, use, bool(boxes)


def _name(where: str, annotation: object) -> object:
    name = as_mapping(where, annotation, "an annotation").get("displayName")
    if not isinstance(name, str):
        raise InputError(f"{where}: annotation {shown(annotation)} has no displayName")
    return name


def _legacy(where: str, annotation: object) -> object:
    """Return the label of an annotation of AI Platform's data labelling."""
    value: Any = as_mapping(where, annotation, "an annotation").get("annotationValue")
    for key in ("imageClassificationAnnotation", "annotationSpec"):
        value = value.get(key) if isinstance(value, Mapping) else None
    return _name(where, value)


VERTEX_AI = Format(
    "vertex-ai",
    "Google Vertex AI: CSV or JSON Lines with gs:// addresses",
    detect_member(_SUFFIXES, _mark, CERTAIN),
    read_vertex_ai,
    ("imageGcsUri", "classificationAnnotations", "displayName", "dataItemResourceLabels"),
)
