"""Amazon SageMaker Ground Truth and Rekognition: a manifest in JSON Lines."""

from collections.abc import Mapping
from typing import Any

from ...utils import InputError
from ..tables import LabelTable, shown
from .collector import LabelCollector, as_list, as_mapping, files_of_parts
from .format import CERTAIN, Format, detect_member
from .json_file import read_json_lines
from .source import Source

_SUFFIXES = (".manifest", ".jsonl", ".json", ".ndjson")
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
    members = files_of_parts(source, _SUFFIXES, _mark, advice)
    rows = [
        (where, part, row)
        for part, member in members.items()
        for where, row in read_json_lines(member.path)
    ]
    counted = any(_boxes(row, name) for _, _, row in rows for name in _attributes(row))
    collector = LabelCollector(source, counted=counted)
    for where, part, row in rows:
        labels = []
        judged = False
        for name in _attributes(row):
            metadata = as_mapping(where, row[name + _METADATA], repr(name + _METADATA))
            if "failure-reason" in metadata:
                continue
            judged = True
            labels += _labels(where, row, name, metadata)
        if judged:
            collector.add(
                where,
                row.get("source-ref"),
                dict.fromkeys(labels) if not counted else labels,
                part=part,
            )
    return collector.table()


def _mark(member: Source) -> str:
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
    detect_member(_SUFFIXES, _mark, CERTAIN),
    read_sagemaker,
    ("source-ref", "class-map", "class-name", "confidence-map", "human-annotated"),
)
