"""Names of a detector's categories, and the labels that they match."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...data.tables import LabelTable, read_text, shown
from ...utils import InputError
from .coco_results import Identifier


def read_category_names(file: Path) -> dict[Identifier, str]:
    """Read the names of categories.

    Parameters
    ----------
    file : Path
        JSON or YAML: an object that maps ids or names to names; a list of names, counted from 0;
        or an object that contains one of these as ``names`` (YOLO), or ``categories`` (COCO).

    Raises
    ------
    InputError
        If the file has another structure.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "names.json"
    >>> _ = file.write_text('{"17": "cat", "motorcycle": "motorbike"}')
    >>> read_category_names(file)
    {17: 'cat', 'motorcycle': 'motorbike'}
    """
    content = _parse(file)
    if isinstance(content, dict) and isinstance(content.get("categories"), list):
        entries = content["categories"]
        try:
            return {
                _parse_identifier(str(entry["id"])): str(entry["name"]).strip() for entry in entries
            }
        except (TypeError, KeyError):
            raise InputError(f"{file}: each of the categories needs an id and a name") from None
    if isinstance(content, dict) and isinstance(content.get("names"), dict | list):
        content = content["names"]
    if isinstance(content, list):
        content = dict(enumerate(content))
    if not isinstance(content, dict) or not content:
        raise InputError(f'{file}: contains no names; write {{"17": "cat", "18": "dog"}}')
    for key, name in content.items():
        if not isinstance(name, str) or not name.strip():
            raise InputError(
                f"{file}: {shown(key)} has the name {shown(name)}; it must be a string"
            )
    return {_parse_identifier(str(key)): name.strip() for key, name in content.items()}


def _parse(file: Path) -> Any:
    text = read_text(str(file))
    try:
        if file.suffix.lower() == ".json":
            return json.loads(text)
        import yaml  # type: ignore[import-untyped]

        return yaml.safe_load(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{file}: not JSON ({' '.join(str(error).split())})") from None
    except yaml.YAMLError as error:
        raise InputError(f"{file}: not YAML ({' '.join(str(error).split())})") from None


def _parse_identifier(text: str) -> Identifier:
    return int(text) if re.fullmatch(r"-?\d{1,18}", text) else text


def match_categories(
    categories: Sequence[Identifier], names: Mapping[Identifier, str], table: LabelTable
) -> dict[Identifier, int]:
    """Return the label column of each category; categories without a label are left out.

    Parameters
    ----------
    categories : sequence of int or str
        Ids or names in the detections.
    names : mapping of int or str to str
        Known names by id, and replacements by name.
    table : LabelTable
        If it has label ids, an id without a name is one of these.

    Examples
    --------
    >>> table = LabelTable("t", "t", [""], ["a"], ["cat", "traffic light"], [[1, 1]], [[1, 1]])
    >>> match_categories([1, 2, "Traffic_Light"], {1: "cat"}, table)
    {1: 0, 'Traffic_Light': 1}
    """
    label_names: dict[Identifier, str] = {}
    if table.label_ids is not None:
        label_names = dict(zip(table.label_ids.tolist(), table.labels, strict=True))
    exact = {label: j for j, label in enumerate(table.labels)}
    normalized: dict[str, int | None] = {}
    for label, j in exact.items():
        key = _normalize(label)
        normalized[key] = None if key in normalized else j  # None: ambiguous
    columns: dict[Identifier, int] = {}
    for category in categories:
        name = str(names.get(category, label_names.get(category, category)))
        name = names.get(name, name)
        column = exact.get(name, normalized.get(_normalize(name)))
        if column is not None:
            columns[category] = column
    return columns


def _normalize(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold()) or name
