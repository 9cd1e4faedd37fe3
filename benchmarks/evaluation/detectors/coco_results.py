"""Detections in the COCO results format, and their images and categories in a label table."""

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from ...data.tables import LabelTable, read_text, shown
from ...utils import InputError

Identifier = int | str
"""Id or name of an image or a category in a file."""

_CHUNK_CHARS = 1 << 20
_MAX_ENTRY_CHARS = 1 << 26
_START, _COMMA = re.compile(r"\s*"), re.compile(r"\s*,\s*")
_END = re.compile(r"\s*\]\s*")


def read_best_scores(file: Path) -> dict[Identifier, dict[Identifier, float]]:
    """Read the score of the best detection of each category in each image.

    The file is parsed entry by entry, so that the boxes and masks of millions of detections are
    never in memory at once.

    Parameters
    ----------
    file : Path
        A JSON list of objects with ``image_id``, ``category_id`` and ``score``; other keys are
        ignored.

    Raises
    ------
    InputError
        If the file cannot be read or an entry is invalid; the message names the entry, from 0.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "found.json"
    >>> entry = {"image_id": 7, "category_id": 17, "bbox": [0, 0, 9, 9]}
    >>> _ = file.write_text(json.dumps([entry | {"score": 0.3}, entry | {"score": 0.8}]))
    >>> read_best_scores(file)
    {7: {17: 0.8}}
    """
    best: dict[Identifier, dict[Identifier, float]] = {}
    try:
        with file.open(encoding="utf-8-sig") as opened:
            for number, entry in enumerate(_iterate_entries(file, opened)):
                where = f"{file}: entry {number}"
                if not isinstance(entry, dict):
                    raise InputError(f"{where} is {shown(entry)}, not an object")
                image = _parse_identifier(where, entry, "image_id")
                category = _parse_identifier(where, entry, "category_id")
                scores = best.setdefault(image, {})
                scores[category] = max(scores.get(category, 0.0), _parse_score(where, entry))
    except OSError as error:
        raise InputError(f"{file}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise InputError(f"{file}: not UTF-8 text; detections must be a JSON file") from None
    if not best:
        raise InputError(f"{file}: contains no detection")
    return best


def _parse_identifier(where: str, entry: dict[str, Any], name: str) -> Identifier:
    if name not in entry:
        raise InputError(f"{where} has no {name!r}; each needs image_id, category_id and score")
    value = entry[name]
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # as NumPy and pandas write integers
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise InputError(f"{where}: {name} is {shown(value)}, neither an integer nor a string")
    return value


def _parse_score(where: str, entry: dict[str, Any]) -> float:
    value = entry.get("score")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"{where}: score is {shown(value)}, not a number")
    if not 0 <= value <= 1 + 1e-6:  # also false for NaN
        raise InputError(f"{where}: score {value} is not between 0 and 1; write probabilities")
    return min(float(value), 1.0)


def _iterate_entries(file: Path, opened: TextIO) -> Iterator[Any]:
    """Generate the entries of a JSON list without loading all of it."""
    decode = json.JSONDecoder().raw_decode
    text = opened.read(_CHUNK_CHARS)
    while text.isspace() and (more := opened.read(_CHUNK_CHARS)):
        text = more
    position = len(text) - len(text.lstrip())
    if text[position : position + 1] != "[":
        raise InputError(
            f"{file}: not a JSON list; use the COCO results format,"
            ' [{"image_id": 1, "category_id": 17, "score": 0.9}, ...]'
        )
    separator, number = _START, 0
    position += 1
    while True:
        gap = separator.match(text, position)
        try:
            if gap is None:
                raise ValueError("missing comma")
            entry, end = decode(text, gap.end())
        except ValueError:
            rest = len(text) - position
            more = opened.read(max(_CHUNK_CHARS, rest)) if rest < _MAX_ENTRY_CHARS else ""
            if more:
                text, position = text[position:] + more, 0
                continue
            if _END.fullmatch(text, position):
                return
            raise InputError(
                f"{file}: invalid JSON at entry {number}; is the file truncated?"
            ) from None
        except RecursionError:
            raise InputError(f"{file}: entry {number} is nested too deeply") from None
        yield entry
        position, separator, number = end, _COMMA, number + 1


def match_image_ids(
    ids: Iterable[Identifier], table: LabelTable, rows: NDArray[np.intp]
) -> dict[Identifier, int]:
    """Return the row of each image id; ids that match no image, or several, are left out.

    An integer is the image id in the table (COCO), or else the number in the file name. A string is
    the image path in the table, or its file name with or without suffix. If a test image and
    another image match, the test image is used.

    Parameters
    ----------
    ids : iterable of int or str
    table : LabelTable
    rows : array of int
        Rows of the test images.

    Examples
    --------
    >>> names = ["a/07.jpg", "a/x.jpg", "b/x.jpg"]
    >>> table = LabelTable("t", "t", names, names, ["cat"], [[1], [0], [0]], [[1], [1], [1]])
    >>> match_image_ids([7, "07", "x.jpg", "b/x.jpg"], table, np.arange(3))
    {7: 0, '07': 0, 'b/x.jpg': 2}
    """
    others = np.setdiff1d(np.arange(table.n_images), rows)
    by_name = _index_by_name(table, others) | _index_by_name(table, rows)
    by_number = _index_by_number(table, others) | _index_by_number(table, rows)
    matches = {}
    for key in ids:
        row = by_number.get(key) if isinstance(key, int) else _match_name(key, by_name, by_number)
        if row is not None:
            matches[key] = row
    return matches


def _match_name(
    key: str, by_name: Mapping[str, int | None], by_number: Mapping[int, int | None]
) -> int | None:
    name = key.replace("\\", "/").removeprefix("./")
    if name in by_name:
        return by_name[name]
    if name.isascii() and name.isdigit() and len(name) < 19:
        return by_number.get(int(name))
    return by_name.get(os.path.basename(name))  # noqa: PTH119


def _index_by_name(table: LabelTable, rows: NDArray[np.intp]) -> dict[str, int | None]:
    """Map each path, file name and stem to its row; to None if two images share it."""
    rows_by_key: dict[str, int | None] = {}
    whole = {table.images[row].replace("\\", "/").removeprefix("./"): row for row in rows.tolist()}
    for name, row in whole.items():
        file = os.path.basename(name)  # noqa: PTH119
        for short in {file, os.path.splitext(file)[0]}:  # noqa: PTH122
            rows_by_key[short] = None if short in rows_by_key else row
    return rows_by_key | whole


def _index_by_number(table: LabelTable, rows: NDArray[np.intp]) -> dict[int, int | None]:
    rows_by_key: dict[int, int | None] = {}
    for row in rows.tolist():
        if table.image_ids is not None:
            number = int(table.image_ids[row])
        else:
            stem = os.path.splitext(os.path.basename(table.images[row]))[0]  # noqa: PTH119, PTH122
            if not (stem.isascii() and stem.isdigit() and len(stem) < 19):
                continue
            number = int(stem)
        rows_by_key[number] = None if number in rows_by_key else row
    return rows_by_key


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
            return {_category_id(str(entry["id"])): str(entry["name"]).strip() for entry in entries}
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
    return {_category_id(str(key)): name.strip() for key, name in content.items()}


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


def _category_id(text: str) -> Identifier:
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
