"""Reading the cells of a JSON Lines file."""

import json
from typing import Any

from ...utils import InputError
from .records import Records, shown, suggestion
from .text import read_text

_PREDICTED, _FAILED = {"image", "labels", "probabilities"}, {"image", "error"}


def read_jsonl_records(source: str) -> Records:
    """Read a JSON Lines file: one object per line, all with the same keys, UTF-8.

    Raises
    ------
    InputError
        If the file cannot be read, is empty, or a line is not an object with the first one's keys;
        the lines of predictions name either labels or an error.
    """
    records: list[dict[str, Any]] = []
    rows: list[int] = []
    # Not splitlines(): it also breaks at characters that JSON allows inside a text.
    for row, line in enumerate(read_text(source).split("\n"), start=1):
        if not line or line.isspace():
            continue
        record = _parse(source, row, line)
        if records and record.keys() != records[0].keys() and not _is_prediction(record):
            raise InputError(f"{source} row {row}: {_ragged(record, records[0], rows[0])}")
        rows.append(row)
        records.append(record)
    if not rows:
        raise InputError(f"{source}: the file is empty; write one object per picture and line")
    names = dict.fromkeys(name for record in records for name in record)
    columns = {name: [record.get(name) for record in records] for name in names}
    return Records(source, columns, rows, header_row=rows[0])


def _is_prediction(record: dict[str, Any]) -> bool:
    """Tell whether `catnocat predict` wrote a line, which names the labels or an error."""
    return record.keys() - {"unlike_training"} in (_PREDICTED, _FAILED)


def _parse(source: str, row: int, line: str) -> dict[str, Any]:
    try:
        pairs = json.loads(line, object_pairs_hook=_Pairs)
    except json.JSONDecodeError as error:
        raise InputError(
            f"{source} row {row}: not JSON at character {error.colno} ({error.msg}); "
            "write one object per line"
        ) from None
    except ValueError:  # a number of more than 4,300 digits
        raise InputError(f"{source} row {row}: a number too long to be read") from None
    except RecursionError:
        raise InputError(f"{source} row {row}: nested too deeply to be a label table") from None
    if not isinstance(pairs, _Pairs):
        raise InputError(
            f"{source} row {row}: {shown(pairs)} is not an object; write "
            '{"image": "a.jpg", "labels": ["cat"]}'
        )
    if "\\u" in line:  # only so can half of a character be written
        try:
            json.dumps(pairs, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise InputError(
                f"{source} row {row}: half a character (a lone \\ud800 or the like); write it whole"
            ) from None
    record = dict(pairs)
    if len(record) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(
            f"{source} row {row}: the key {shown(twice)} stands there twice; remove one of them"
        )
    return record


class _Pairs(list[tuple[str, Any]]):
    """A JSON object whose repeated keys are still there."""


def _ragged(record: dict[str, Any], columns: dict[str, Any], first: int) -> str:
    known = list(columns)
    for name in record:
        if name not in columns:
            hint = suggestion(name, known) or "; every line has the same keys"
            return f"key {shown(name)} is not in row {first}{hint}"
    missing = next(name for name in known if name not in record)
    return f"key {shown(missing)} of row {first} is missing; every line has the same keys"
