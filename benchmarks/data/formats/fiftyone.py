"""FiftyOne: labels.json, samples.json and labels.csv."""

from collections.abc import Iterator
from typing import Any

from ...utils import InputError
from ..tables import LabelTable, read_records, shown
from .collector import LabelCollector
from .format import CERTAIN, Detection, Format
from .parsing import as_list, as_mapping
from .source import Source, part_of

_LISTS = {
    "Classifications": "classifications",
    "Detections": "detections",
    "Polylines": "polylines",
    "Keypoints": "keypoints",
}
"""The fields that hold several labels, and the key of their list."""

_SINGLE = ("Classification", "Detection")
_WHOLE = ("Classifications", "Classification")


def detect(source: Source) -> Detection | None:
    """Detect the files of an export of FiftyOne."""
    kind, member = _kind(source)
    return Detection(CERTAIN, f"{member.path.name} of FiftyOne") if kind and member else None


def read_fiftyone(source: Source) -> LabelTable:
    """Read an export of FiftyOne that holds classifications, or objects.

    Known are the types ``FiftyOneImageClassificationDataset`` (``labels.json``),
    ``FiftyOneDataset`` (``samples.json``) and ``CSVDataset`` (``labels.csv``); the type
    ``ImageClassificationDirectoryTree`` is a folder per label. The tags train, val and test of the
    samples become the split.

    Raises
    ------
    InputError
        If the export is broken, or several fields hold labels.
    """
    kind, member = _kind(source)
    if member is None:
        for file in source.members(".json"):
            _ = file.json  # raises where it is no JSON
        raise InputError(f"{source.path}: no labels.json, samples.json or labels.csv of FiftyOne")
    if kind == "labels":
        return _read_labels(member)
    return _read_samples(member) if kind == "samples" else _read_csv(member)


def _kind(source: Source) -> tuple[str, Source | None]:
    for member in source.members(".json", ".csv"):
        if member.suffix == ".csv":
            if "filepath" in member.header and (member.root / "data").is_dir():
                return "csv", member
            continue
        content = member.json_or_none()
        if not isinstance(content, dict):
            continue
        if "classes" in content and isinstance(content.get("labels"), dict):
            return "labels", member
        samples = content.get("samples")
        first = samples[0] if isinstance(samples, list) and samples else None
        if isinstance(first, dict) and "filepath" in first:
            return "samples", member
    return "", None


def _read_labels(member: Source) -> LabelTable:
    file = str(member.path)
    content = member.json
    classes = content["classes"]
    names = [] if classes is None else as_list(file, classes, "'classes'")
    if not all(isinstance(name, str) for name in names):
        raise InputError(f"{file}: 'classes' holds {shown(names)}, not texts")
    collector = LabelCollector(member, [str(name) for name in names])
    for image, value in content["labels"].items():
        where = f"{file}: {shown(image)}"
        targets = value if isinstance(value, list) else [] if value is None else [value]
        collector.add(
            where, image, [_target(where, target, names) for target in targets], near="data"
        )
    return collector.table()


def _target(where: str, target: object, names: list[Any]) -> object:
    """Return the label of a target: the number of a class, a name, or an object with a label."""
    if isinstance(target, dict):
        target = target.get("label")
    if isinstance(target, int) and not isinstance(target, bool):
        if not 0 <= target < len(names):
            raise InputError(f"{where}: class {target} is not among the {len(names)} classes")
        return names[target]
    return target


def _read_samples(member: Source) -> LabelTable:
    file = str(member.path)
    samples = [
        (f"{file}: samples[{number}]", dict(as_mapping(file, sample, f"samples[{number}]")))
        for number, sample in enumerate(member.json["samples"])
    ]
    name, kind = _field(file, [sample for _, sample in samples])
    collector = LabelCollector(member, counted=kind not in _WHOLE)
    for where, sample in samples:
        if sample.get(name) is None:
            continue  # a sample without annotation
        field = as_mapping(where, sample[name], repr(name))
        tags = as_list(where, sample.get("tags", []), "'tags'")
        entries = as_list(where, field.get(_LISTS[kind]), repr(name)) if kind in _LISTS else [field]
        labels = [as_mapping(where, entry, "a label").get("label") for entry in entries]
        collector.add(where, sample.get("filepath"), labels, part=_part(tags))
    return collector.table()


def _field(file: str, samples: list[dict[str, Any]]) -> tuple[str, str]:
    """Return the field that holds the labels, and its class."""
    found = dict(_fields(samples))
    whole = {name: kind for name, kind in found.items() if kind in _WHOLE} or found
    if "ground_truth" in whole:
        return "ground_truth", whole["ground_truth"]
    if len(whole) != 1:
        held = ", ".join(map(repr, whole)) or "none"
        raise InputError(
            f"{file}: which field holds the labels: {held}? Export one of them, or call it "
            "'ground_truth'"
        )
    return next(iter(whole.items()))


def _fields(samples: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for sample in samples:
        for name, value in sample.items():
            if isinstance(value, dict) and value.get("_cls") in (*_LISTS, *_SINGLE):
                yield name, str(value["_cls"])


def _part(tags: list[object]) -> str:
    parts = [part for tag in tags if (part := part_of(tag))]
    return parts[0] if len(parts) == 1 else ""


def _read_csv(member: Source) -> LabelTable:
    records = read_records(str(member.path))
    columns = list(records.columns)
    labels = [name for name in columns if name.endswith(".label")] or [
        name for name in columns if name in ("labels", "label", "ground_truth")
    ]
    if len(labels) != 1:
        records.refuse_header(
            f"which column holds the labels: {', '.join(columns)}? Export one that ends in "
            "'.label', as 'ground_truth.classifications.label'"
        )
    collector = LabelCollector(member)
    for i, row in enumerate(records.rows):
        cells = {name: str(records.columns[name][i]) for name in columns}
        joined = cells[labels[0]]  # FiftyOne joins a list by commas
        collector.add(
            f"{member.path} row {row}",
            cells["filepath"],
            joined.split(",") if joined.strip() else [],
            part=_part(list(cells.get("tags", "").split(","))) or cells.get("split", ""),
            near="data",
        )
    return collector.table()


FIFTYONE = Format(
    "fiftyone",
    "FiftyOne: labels.json, samples.json or labels.csv",
    detect,
    read_fiftyone,
    ("classes", "labels", "samples", "filepath", "ground_truth", "data"),
)
