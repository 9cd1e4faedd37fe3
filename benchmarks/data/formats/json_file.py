"""Reading JSON of unknown origin."""

import json
from pathlib import Path
from typing import Any

from ...utils import InputError
from ..tables import read_text

MAX_BYTES = 1 << 30
"""A larger JSON file is refused; the annotations of COCO 2017 have 450 MB."""

MAX_DEPTH = 100
"""Deeper JSON is refused; no annotation tool writes more than about 10 levels."""


def read_json(path: Path) -> Any:
    """Read a JSON file.

    Raises
    ------
    InputError
        If the file cannot be read, is too large, is not JSON, or is nested too deeply.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.json"
    >>> _ = path.write_text('[{"image": "a.jpg"}]')
    >>> read_json(path)
    [{'image': 'a.jpg'}]
    """
    try:
        size = path.stat().st_size
    except (OSError, ValueError):
        size = 0  # read_text says what is wrong
    if size > MAX_BYTES:
        raise InputError(f"{path}: {size >> 20} MB of JSON; at most {MAX_BYTES >> 20} MB are read")
    return _parse(str(path), read_text(str(path)))


def parse_json_line(source: str, row: int, line: str) -> Any:
    """Return the content of one line of a JSON Lines file.

    Raises
    ------
    InputError
        If the line is not JSON, or is nested too deeply.
    """
    return _parse(f"{source} row {row}", line)


def read_json_lines(path: Path) -> list[tuple[str, dict[str, Any]]]:
    """Return the objects of a JSON Lines file, each with the file and the row for messages.

    Raises
    ------
    InputError
        If the file cannot be read, or a line is no JSON object.
    """
    found = []
    for row, line in enumerate(read_text(str(path)).split("\n"), start=1):
        if not line or line.isspace():
            continue
        content = parse_json_line(str(path), row, line)
        if not isinstance(content, dict):
            raise InputError(f"{path} row {row}: {describe(content)} is not an object")
        found.append((f"{path} row {row}", content))
    if not found:
        raise InputError(f"{path}: the file is empty; it needs one JSON object per line")
    return found


def describe(content: Any) -> str:
    """Return what kind of JSON a value is, in a few words.

    Examples
    --------
    >>> describe({"a": 1, "b": 2}), describe([1, 2]), describe("x" * 99), describe(None)
    ("an object with the keys 'a', 'b'", 'a list of 2', 'a text', 'null')
    """
    if isinstance(content, dict):
        keys = ", ".join(repr(str(key)[:40]) for key in list(content)[:8])
        more = ", ..." if len(content) > 8 else ""
        return f"an object with the keys {keys}{more}" if keys else "an empty object"
    if isinstance(content, list):
        kinds = {type(entry) for entry in content}
        if kinds == {dict}:
            return f"a list of {len(content)} objects; the first is {describe(content[0])}"
        return f"a list of {len(content)}" if content else "an empty list"
    if content is None:
        return "null"
    return {str: "a text", bool: "true or false"}.get(type(content), "a number")


def _parse(where: str, text: str) -> Any:
    if _is_deep(text):
        raise InputError(f"{where}: nested more than {MAX_DEPTH} levels deep; not an annotation")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        place = f"row {error.lineno} " if error.lineno > 1 else ""
        raise InputError(
            f"{where}: not JSON ({error.msg} at {place}character {error.colno}); export it again"
        ) from None
    except RecursionError:
        raise InputError(f"{where}: nested too deeply; not an annotation") from None
    except ValueError:  # a number of more than 4,300 digits
        raise InputError(f"{where}: not JSON (a number too long to be read)") from None


def _is_deep(text: str) -> bool:
    """Return whether brackets follow one another deeper than any annotation has them.

    Only runs of opening brackets are looked at, which takes no time on a large file; other deep
    nesting ends in Python's own limit.
    """
    return "[" * MAX_DEPTH in text or '{"":' * MAX_DEPTH in text
