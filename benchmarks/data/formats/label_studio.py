"""Label Studio: JSON, JSON-MIN, CSV and TSV exports."""

import json
from collections.abc import Iterator
from typing import Any

from ...utils import InputError
from ..tables import LabelTable, read_records, shown
from .collector import LabelCollector
from .format import CERTAIN, Format, detect_member
from .parsing import as_list, as_mapping, read_json_lines
from .source import Source, files_of_parts

_SUFFIXES = (".json", ".csv", ".tsv", ".jsonl")
_OWN = frozenset(
    (
        *("id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time"),
        *("agreement", "sentiment_agreement", "predictions", "source", "comment", "inner_id"),
    )
)
"""The keys of a JSON-MIN or CSV export that hold no labels."""

_IMAGE_KEYS = ("image", "img", "image_url", "url", "picture", "photo", "file", "captioning")
_NO_IMAGE_TYPES = ("textarea", "rating", "number", "datetime", "relation", "pairwise")

MIN_TEXTS = 10
"""Minimum number of images to recognise free text by its different texts."""

Choices = dict[str, list[str]]
"""Name of a control -> the labels chosen there."""


def read_label_studio(source: Source) -> LabelTable:
    """Read a JSON, JSON-MIN, CSV or TSV export of Label Studio.

    The labels are the choices (and taxonomy entries) of each image; in a project without these,
    the labels of its regions, which are then counted. If several people annotated an image, a
    label on which they disagree is unknown. Tasks without an annotation, and skipped ones, are
    left out.

    Raises
    ------
    InputError
        If the export is broken, or two controls share a label.
    """
    tables = files_of_parts(
        source,
        _SUFFIXES,
        _mark,
        "no export of Label Studio; export the project as JSON, JSON-MIN or CSV",
    )
    collected: dict[tuple[str, str], list[tuple[str, Choices, bool]]] = {}
    for part, member in tables.items():
        for where, image, choices, regions in _annotations(member):
            collected.setdefault((part, image), []).append((where, choices, regions))
    whole = any(
        not regions and choices for found in collected.values() for _, choices, regions in found
    )
    _check_controls(collected, whole)
    if any(_is_flat(member) for member in tables.values()):
        _check_free_text(source, collected)
    collector = LabelCollector(source, counted=not whole)
    for (part, image), annotations in collected.items():
        answers = [
            [label for labels in choices.values() for label in labels]
            for _, choices, regions in annotations
            if not (whole and regions)
        ]
        united = {label for labels in answers for label in labels}
        disputed = {label for label in united if not all(label in labels for labels in answers)}
        sure = [label for label in (answers[0] if answers else []) if label not in disputed]
        collector.add(annotations[0][0], image, sure, part=part, unknown=disputed)
    return collector.table()


def _check_controls(collected: Any, whole: bool) -> None:
    owner: dict[str, str] = {}
    for annotations in collected.values():
        for where, choices, regions in annotations:
            if whole and regions:
                continue
            for control, labels in choices.items():
                for label in labels:
                    if owner.setdefault(label, control) != control:
                        raise InputError(
                            f"{where}: {shown(label)} is a choice of both {owner[label]!r} and "
                            f"{control!r}; export one of the two questions only"
                        )


def _is_flat(member: Source) -> bool:
    return "tasks" not in _mark(member)


def _check_free_text(source: Source, collected: Any) -> None:
    """Refuse a control with another text for most images: only JSON distinguishes choices."""
    texts: dict[str, list[str]] = {}
    for annotations in collected.values():
        for _, choices, _ in annotations:
            for control, labels in choices.items():
                texts.setdefault(control, []).extend(labels if len(labels) == 1 else [])
    for control, labels in texts.items():
        if len(labels) >= MIN_TEXTS and len(set(labels)) > len(labels) / 2:
            raise InputError(
                f"{source.path}: {control!r} holds {len(set(labels))} different texts in "
                f"{len(labels)} images, which look like free text; export the project as JSON, "
                "which says what is a choice"
            )


def _mark(member: Source) -> str:
    if member.suffix in (".csv", ".tsv"):
        marks = {"annotation_id", "annotator", "lead_time"}
        return "has the columns of Label Studio" if marks <= set(member.header) else ""
    if member.suffix == ".jsonl":
        first: Any = member.first_object
    else:
        content = member.json_or_none()
        first = content[0] if isinstance(content, list) and content else None
    if not isinstance(first, dict):
        return ""
    if isinstance(first.get("data"), dict) and ("annotations" in first or "completions" in first):
        return "has tasks of Label Studio"
    return "has the keys of JSON-MIN" if {"annotation_id", "lead_time"} <= first.keys() else ""


def _annotations(member: Source) -> Iterator[tuple[str, str, Choices, bool]]:
    """Yield (where, image, choices, whether they are of regions) for each annotation."""
    if member.suffix in (".csv", ".tsv"):
        yield from _from_rows(member)
        return
    if member.suffix == ".jsonl":
        entries: list[tuple[str, Any]] = list(read_json_lines(member.path))
    else:
        content = as_list(str(member.path), member.json, "the export")
        entries = [(f"{member.path}: task {n}", entry) for n, entry in enumerate(content, start=1)]
    for where, entry in entries:
        task = as_mapping(where, entry, "a task")
        if "data" in task:
            yield from _from_task(where, dict(task))
        else:
            yield _from_flat(where, dict(task))


def _from_task(where: str, task: dict[str, Any]) -> Iterator[tuple[str, str, Choices, bool]]:
    image = _image(where, dict(as_mapping(where, task["data"], "'data'")))
    annotations = task.get("annotations", task.get("completions")) or []
    for annotation in as_list(where, annotations, "'annotations'"):
        given = as_mapping(where, annotation, "an annotation")
        if given.get("was_cancelled") or given.get("skipped"):
            continue
        whole: Choices = {}
        regions: Choices = {}
        for number, found in enumerate(as_list(where, given.get("result"), "'result'"), start=1):
            result = as_mapping(where, found, f"result {number}")
            kind = str(result.get("type"))
            if kind in _NO_IMAGE_TYPES:
                continue
            value = as_mapping(where, result.get("value"), f"the value of result {number}")
            labels = _labels(where, kind, value)
            control = str(result.get("from_name"))
            # Choices of one region have the region's coordinates next to them.
            of_region = kind not in ("choices", "taxonomy") or "x" in value
            (regions if of_region else whole).setdefault(control, []).extend(labels)
        if whole or not regions:
            yield where, image, whole, False
        if regions:
            yield where, image, regions, True


def _labels(where: str, kind: str, value: Any) -> list[str]:
    labels = value.get(kind, value.get("labels", []))
    if kind == "taxonomy":  # each entry is a path of names
        labels = [
            " / ".join(map(str, as_list(where, entry, "an entry of 'taxonomy'")))
            for entry in as_list(where, labels, "'taxonomy'")
        ]
    texts = as_list(where, labels, repr(kind))
    for label in texts:
        if not isinstance(label, str):
            raise InputError(f"{where}: {kind} holds {shown(label)}, not a text")
    return [str(label) for label in texts]


def _image(where: str, data: dict[str, Any]) -> str:
    key = next((key for key in _IMAGE_KEYS if isinstance(data.get(key), str)), None)
    if key is None:
        texts = [key for key, value in data.items() if isinstance(value, str) and "." in value]
        key = texts[0] if len(texts) == 1 else None
    if key is None:
        raise InputError(
            f"{where}: no image among {', '.join(map(repr, data)) or 'nothing'}; is this a project "
            "with images?"
        )
    return str(data[key])


def _from_rows(member: Source) -> Iterator[tuple[str, str, Choices, bool]]:
    records = read_records(str(member.path))
    names = list(records.columns)
    for i, row in enumerate(records.rows):
        cells = {name: records.columns[name][i] for name in names}
        entry: dict[str, Any] = {}
        for name, cell in cells.items():
            text = str(cell)
            if text.startswith(("{", "[")) and name not in _OWN:
                try:
                    entry[name] = json.loads(text)
                except (ValueError, RecursionError):
                    raise InputError(
                        f"{member.path} row {row}: column {name!r} holds {shown(text)}, not JSON"
                    ) from None
            elif text:
                entry[name] = text
        yield _from_flat(f"{member.path} row {row}", entry)


def _from_flat(where: str, entry: dict[str, Any]) -> tuple[str, str, Choices, bool]:
    image = _image(where, {key: entry[key] for key in entry if key not in _OWN})
    whole: Choices = {}
    regions: Choices = {}
    for key, value in entry.items():
        if key in _OWN or key in _IMAGE_KEYS or value == image:
            continue
        if isinstance(value, str):
            whole[key] = [value]
        elif isinstance(value, dict) and isinstance(value.get("choices"), list):
            whole[key] = _labels(where, "choices", value)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for region in value:
                kind = next((key for key in region if key.endswith("labels")), "labels")
                regions.setdefault(key, []).extend(_labels(where, kind, region))
        elif isinstance(value, list) and value and isinstance(value[0], list):
            whole[key] = _labels(where, "taxonomy", {"taxonomy": value})
    return where, image, (whole or regions), bool(regions) and not whole


LABEL_STUDIO = Format(
    "label-studio",
    "Label Studio: JSON, JSON-MIN or CSV",
    detect_member(_SUFFIXES, _mark, CERTAIN),
    read_label_studio,
    ("annotations", "annotation_id", "annotator", "lead_time", "from_name", "choices", "data"),
)
