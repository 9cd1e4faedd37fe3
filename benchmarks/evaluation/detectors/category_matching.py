"""What a detector's categories are called, and which labels they are."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...data.tables import LabelTable, read_text, shown
from ...utils import InputError
from .coco_results import Key


def read_names(file: Path) -> dict[Key, str]:
    """Read what categories are called.

    Parameters
    ----------
    file : Path
        JSON or YAML: an object from ids or names to names, a list of names that counts from 0, or
        an object that holds one of these as ``names`` (YOLO) or a list ``categories`` (COCO).

    Raises
    ------
    InputError
        If it is none of these.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "names.json"
    >>> _ = file.write_text('{"17": "cat", "motorcycle": "motorbike"}')
    >>> read_names(file)
    {17: 'cat', 'motorcycle': 'motorbike'}
    """
    content = _content(file)
    if isinstance(content, dict) and isinstance(content.get("categories"), list):
        entries = content["categories"]
        try:
            return {_key(str(entry["id"])): str(entry["name"]).strip() for entry in entries}
        except (TypeError, KeyError):
            raise InputError(f"{file}: not every one of its categories has id and name") from None
    if isinstance(content, dict) and isinstance(content.get("names"), dict | list):
        content = content["names"]
    if isinstance(content, list):
        content = dict(enumerate(content))
    if not isinstance(content, dict) or not content:
        raise InputError(f'{file}: no names in it; write {{"17": "cat", "18": "dog"}}')
    for key, name in content.items():
        if not isinstance(name, str) or not name.strip():
            raise InputError(f"{file}: {shown(key)} is called {shown(name)}; write a text")
    return {_key(str(key)): name.strip() for key, name in content.items()}


def _content(file: Path) -> Any:
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


def _key(text: str) -> Key:
    return int(text) if re.fullmatch(r"-?\d{1,18}", text) else text


def labels_of_categories(
    categories: Sequence[Key], names: Mapping[Key, str], table: LabelTable
) -> dict[Key, int]:
    """Give the column of the label that each category is; none for a category that is no label.

    Parameters
    ----------
    categories : sequence of int or str
        As the detections name them.
    names : mapping of int or str to str
        What they are called where that is known, and names to be replaced by others.
    table : LabelTable
        Where it numbers its labels, a number without a name is one of these.

    Examples
    --------
    >>> table = LabelTable("t", "t", [""], ["a"], ["cat", "traffic light"], [[1, 1]], [[1, 1]])
    >>> labels_of_categories([1, 2, "Traffic_Light"], {1: "cat"}, table)
    {1: 0, 'Traffic_Light': 1}
    """
    own: dict[Key, str] = {}
    if table.label_ids is not None:
        own = dict(zip(table.label_ids.tolist(), table.labels, strict=True))
    exact = {label: j for j, label in enumerate(table.labels)}
    plain: dict[str, int | None] = {}
    for label, j in exact.items():
        plain[_plain(label)] = None if _plain(label) in plain else j
    found: dict[Key, int] = {}
    for category in categories:
        name = str(names.get(category, own.get(category, category)))
        name = names.get(name, name)
        column = exact.get(name, plain.get(_plain(name)))
        if column is not None:
            found[category] = column
    return found


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold()) or name
