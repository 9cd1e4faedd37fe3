"""Exports of cloud services: Azure, Google Vertex AI and Amazon SageMaker."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from ...utils import InputError
from ..tables import LabelTable, read_text, shown
from .collector import LabelCollector
from .format import CERTAIN, Format, detect_member
from .parsing import as_list, as_mapping, read_json_lines
from .source import Source, files_of_parts

_SUFFIXES_AZURE = (".json", ".jsonl", ".ndjson")
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
    parts = files_of_parts(source, _SUFFIXES_AZURE, _mark_azure, advice)
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
                names = [
                    label.get("label") if isinstance(label, Mapping) else label for label in labels
                ]
                collected.append((where, row.get("image_url"), names, part))
    collector = LabelCollector(source, counted=boxes)
    for where, reference, names, part in collected:
        collector.add(where, reference, names, part=part)
    return collector.table()


def _mark_azure(member: Source) -> str:
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
    detect_member(_SUFFIXES_AZURE, _mark_azure, CERTAIN),
    read_azure,
    ("tags", "tagName", "tagId", "originalImageUri", "resizedImageUri", "image_url"),
)


_SUFFIXES_VERTEX = (".csv", ".jsonl", ".ndjson")
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
    members = files_of_parts(source, _SUFFIXES_VERTEX, _mark_vertex, advice)
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


def _mark_vertex(member: Source) -> str:
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
            yield (
                where,
                payload.get("imageUri"),
                [_legacy(where, annotation) for annotation in found],
                use,
                False,
            )
            continue
        boxes = as_list(where, row.get("boundingBoxAnnotations", []), "'boundingBoxAnnotations'")
        found = as_list(
            where, row.get("classificationAnnotations", []), "'classificationAnnotations'"
        )
        if "classificationAnnotation" in row:
            found = [row["classificationAnnotation"], *found]
        labels = [_name(where, annotation) for annotation in [*found, *boxes]]
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
    detect_member(_SUFFIXES_VERTEX, _mark_vertex, CERTAIN),
    read_vertex_ai,
    ("imageGcsUri", "classificationAnnotations", "displayName", "dataItemResourceLabels"),
)


_SUFFIXES_SAGEMAKER = (".manifest", ".jsonl", ".json", ".ndjson")
_METADATA = "-metadata"


def read_sagemaker(source: Source) -> LabelTable:
    """Read the output manifest of a labelling job.

    Multi-label jobs give a list of class numbers that ``class-map`` names; single-label jobs and
    Rekognition's files give one attribute per label with its ``class-name``; jobs with boxes give
    annotations, which are counted. Objects whose job failed are left out.

    Raises
    ------
    InputError
        If a line is broken, or no attribute of the manifest holds classes.
    """
    advice = "no output.manifest of SageMaker Ground Truth there"
    members = files_of_parts(source, _SUFFIXES_SAGEMAKER, _mark_sagemaker, advice)
    rows = [
        (where, part, row)
        for part, member in members.items()
        for where, row in read_json_lines(member.path)
    ]
    counted = any(_boxes(row, name) for _, _, row in rows for name in _attributes(row))
    collector = LabelCollector(source, counted=counted)
    for where, part, row in rows:
        labels = []
        labelled = False
        for name in _attributes(row):
            metadata = as_mapping(where, row[name + _METADATA], repr(name + _METADATA))
            if "failure-reason" in metadata:
                continue
            labelled = True
            labels += _labels(where, row, name, metadata)
        if labelled:
            collector.add(
                where,
                row.get("source-ref"),
                dict.fromkeys(labels) if not counted else labels,
                part=part,
            )
    return collector.table()


def _mark_sagemaker(member: Source) -> str:
    first = member.first_object
    return "has lines of Ground Truth" if "source-ref" in first and _attributes(first) else ""


def _attributes(row: Mapping[str, Any]) -> list[str]:
    return [
        name
        for key in row
        if key.endswith(_METADATA)
        and (name := key.removesuffix(_METADATA)) in row
        and not name.endswith("-ref")
    ]


def _boxes(row: Mapping[str, Any], name: str) -> bool:
    return isinstance(row[name], dict) and "annotations" in row[name]


def _labels(
    where: str, row: Mapping[str, Any], name: str, metadata: Mapping[str, Any]
) -> list[str]:
    value = row[name]
    if isinstance(value, dict):
        boxes = as_list(where, value.get("annotations"), f"{name!r}: 'annotations'")
        numbers = [as_mapping(where, box, "a box").get("class_id") for box in boxes]
    elif isinstance(value, list):
        numbers = list(value)
    elif "class-name" in metadata:
        # Rekognition: one attribute per label, 1 or 0; Ground Truth: the number of the class.
        label = metadata["class-name"]
        if not isinstance(label, str):
            raise InputError(f"{where}: class-name {shown(label)} is not a text")
        return [label]
    else:
        raise InputError(f"{where}: {name!r} is {shown(value)}, and has no class-name")
    names = as_mapping(where, metadata.get("class-map", {}), "'class-map'")
    labels = []
    for number in numbers:
        label = names.get(str(number))
        if not isinstance(label, str):
            raise InputError(f"{where}: class {shown(number)} is not in the class-map of {name!r}")
        labels.append(label)
    return labels


SAGEMAKER = Format(
    "sagemaker",
    "SageMaker Ground Truth: output.manifest",
    detect_member(_SUFFIXES_SAGEMAKER, _mark_sagemaker, CERTAIN),
    read_sagemaker,
    ("source-ref", "class-map", "class-name", "confidence-map", "human-annotated"),
)
