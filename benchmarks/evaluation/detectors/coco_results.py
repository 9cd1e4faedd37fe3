"""Reading the detections of a COCO-results file."""

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from ...data.tables import LabelTable, shown
from ...utils import InputError

Key = int | str
"""How a file names a picture or a category."""

_CHUNK = 1 << 20
_LONGEST = 1 << 26  # characters of one entry
_START, _COMMA = re.compile(r"\s*"), re.compile(r"\s*,\s*")
_END = re.compile(r"\s*\]\s*")


def best_scores(file: Path) -> dict[Key, dict[Key, float]]:
    """Give for each picture the score of the best detection of each category.

    The file is read entry by entry, so that outlines and boxes of millions of detections need no
    memory.

    Parameters
    ----------
    file : Path
        A JSON list of objects with ``image_id``, ``category_id`` and ``score``; whatever else they
        hold is passed over.

    Raises
    ------
    InputError
        If the file cannot be read or an entry is not such an object: names the entry, from 0.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "found.json"
    >>> entry = {"image_id": 7, "category_id": 17, "bbox": [0, 0, 9, 9]}
    >>> _ = file.write_text(json.dumps([entry | {"score": 0.3}, entry | {"score": 0.8}]))
    >>> best_scores(file)
    {7: {17: 0.8}}
    """
    best: dict[Key, dict[Key, float]] = {}
    try:
        with file.open(encoding="utf-8-sig") as opened:
            for number, entry in enumerate(_entries(file, opened)):
                where = f"{file}: entry {number}"
                if not isinstance(entry, dict):
                    raise InputError(f"{where} is {shown(entry)}, not an object")
                image = _key(where, entry, "image_id")
                category = _key(where, entry, "category_id")
                scores = best.setdefault(image, {})
                scores[category] = max(scores.get(category, 0.0), _score(where, entry))
    except OSError as error:
        raise InputError(f"{file}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise InputError(f"{file}: not a text in UTF-8, so no JSON of detections") from None
    if not best:
        raise InputError(f"{file}: holds no detection")
    return best


def _key(where: str, entry: dict[str, Any], name: str) -> Key:
    if name not in entry:
        raise InputError(f"{where} has no {name!r}; each needs image_id, category_id and score")
    value = entry[name]
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # as numpy and pandas write a number
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise InputError(f"{where}: {name} is {shown(value)}, neither a whole number nor a text")
    return value


def _score(where: str, entry: dict[str, Any]) -> float:
    value = entry.get("score")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"{where}: score is {shown(value)}, not a number")
    if not 0 <= value <= 1 + 1e-6:  # nor is NaN
        raise InputError(f"{where}: score {value} is not between 0 and 1; write probabilities")
    return min(float(value), 1.0)


def _entries(file: Path, opened: TextIO) -> Iterator[Any]:
    """Give the entries of a JSON list without having all of it in memory."""
    decode = json.JSONDecoder().raw_decode
    text = opened.read(_CHUNK)
    while text.isspace() and (more := opened.read(_CHUNK)):
        text = more
    at = len(text) - len(text.lstrip())
    if text[at : at + 1] != "[":
        raise InputError(
            f"{file}: not a JSON list; give COCO's form of results,"
            ' [{"image_id": 1, "category_id": 17, "score": 0.9}, ...]'
        )
    separator, number = _START, 0
    at += 1
    while True:
        between = separator.match(text, at)
        try:
            if between is None:
                raise ValueError("a comma is missing")
            entry, end = decode(text, between.end())
        except ValueError:
            more = opened.read(max(_CHUNK, len(text) - at)) if len(text) - at < _LONGEST else ""
            if more:
                text, at = text[at:] + more, 0
                continue
            if _END.fullmatch(text, at):
                return
            raise InputError(f"{file}: not JSON at entry {number}; was the file cut off?") from None
        except RecursionError:
            raise InputError(f"{file}: entry {number} is nested too deeply") from None
        yield entry
        at, separator, number = end, _COMMA, number + 1


def rows_of_pictures(
    keys: Iterable[Key], table: LabelTable, rows: NDArray[np.intp]
) -> dict[Key, int]:
    """Give the row of each picture that is named so; none for a name that fits no picture, or two.

    A number is the table's own number of the picture (COCO), else the number that its file is
    called by. A text is the picture as the table names it, or its file's name, with or without
    suffix. Where a judged picture and another one are named so, the judged one is meant.

    Parameters
    ----------
    keys : iterable of int or str
    table : LabelTable
    rows : array of int
        The rows that are judged.

    Examples
    --------
    >>> names = ["a/07.jpg", "a/x.jpg", "b/x.jpg"]
    >>> table = LabelTable("t", "t", names, names, ["cat"], [[1], [0], [0]], [[1], [1], [1]])
    >>> rows_of_pictures([7, "07", "x.jpg", "b/x.jpg"], table, np.arange(3))
    {7: 0, '07': 0, 'b/x.jpg': 2}
    """
    others = np.setdiff1d(np.arange(table.n_images), rows)
    by_name = _by_name(table, others) | _by_name(table, rows)
    by_number = _by_number(table, others) | _by_number(table, rows)
    found = {}
    for key in keys:
        row = by_number.get(key) if isinstance(key, int) else _by_text(key, by_name, by_number)
        if row is not None:
            found[key] = row
    return found


def _by_text(
    key: str, by_name: Mapping[str, int | None], by_number: Mapping[int, int | None]
) -> int | None:
    name = key.replace("\\", "/").removeprefix("./")
    if name in by_name:
        return by_name[name]
    if name.isascii() and name.isdigit() and len(name) < 19:
        return by_number.get(int(name))
    return by_name.get(os.path.basename(name))  # noqa: PTH119


def _by_name(table: LabelTable, rows: NDArray[np.intp]) -> dict[str, int | None]:
    """Give the row of each whole name, file name and stem; None where two pictures share it."""
    found: dict[str, int | None] = {}
    whole = {table.images[row].replace("\\", "/").removeprefix("./"): row for row in rows.tolist()}
    for name, row in whole.items():
        file = os.path.basename(name)  # noqa: PTH119
        for short in {file, os.path.splitext(file)[0]}:  # noqa: PTH122
            found[short] = None if short in found else row
    return found | whole


def _by_number(table: LabelTable, rows: NDArray[np.intp]) -> dict[int, int | None]:
    found: dict[int, int | None] = {}
    for row in rows.tolist():
        if table.image_ids is not None:
            number = int(table.image_ids[row])
        else:
            stem = os.path.splitext(os.path.basename(table.images[row]))[0]  # noqa: PTH119, PTH122
            if not (stem.isascii() and stem.isdigit() and len(stem) < 19):
                continue
            number = int(stem)
        found[number] = None if number in found else row
    return found
