"""Read JSON, XML and YAML of unknown origin within limits."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from ...utils import InputError
from ..tables import read_text, shown

MAX_BYTES = 1 << 30
"""A larger JSON file is refused; the annotations of COCO 2017 have 450 MB."""

MAX_DEPTH = 100
"""Deeper JSON and XML is refused; no annotation tool writes more than about 10 levels."""

MAX_ELEMENTS = 10_000_000
"""XML with more elements is refused."""

MAX_YAML_BYTES = 2_000_000
"""A larger data.yaml is refused; the longest names of classes take 100 KB."""


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
    _check_size(path, MAX_BYTES)
    return _parse(str(path), read_text(str(path)))


def _check_size(path: Path, limit: int) -> None:
    try:
        size = path.stat().st_size
    except (OSError, ValueError):
        return  # reading it reports the error
    if size > limit:
        raise InputError(f"{path}: {size >> 20} MB; at most {limit >> 20} MB are read")


def read_yaml(path: Path) -> Any:
    """Read a YAML file without aliases, which could expand without limit.

    Raises
    ------
    InputError
        If the file cannot be read, is too large, is not YAML, or has an alias.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "data.yaml"
    >>> _ = path.write_text("names: [cat, dog]")
    >>> read_yaml(path)
    {'names': ['cat', 'dog']}
    """
    import yaml  # type: ignore[import-untyped]  # needed for one format only

    _check_size(path, MAX_YAML_BYTES)
    text = read_text(str(path))
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        depth = 0
        for event in yaml.parse(text, Loader=loader):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if isinstance(event, yaml.AliasEvent):
                where = event.start_mark.line + 1
                raise InputError(f"{path} row {where}: an alias (*name); write its value instead")
            if depth > MAX_DEPTH:
                raise InputError(f"{path}: nested more than {MAX_DEPTH} levels deep")
        return yaml.load(text, Loader=loader)
    except InputError:
        raise
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError) as error:
        reason = " ".join(str(error).split())[:200]
        if "nesting depth" in reason:  # the limit of libyaml, which reads ahead
            reason = f"nested more than {MAX_DEPTH} levels deep"
            raise InputError(f"{path}: {reason}") from None
        raise InputError(f"{path}: not YAML ({reason})") from None


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

    Only runs of opening brackets are counted, which is fast; other deep nesting reaches the
    recursion limit of Python.
    """
    return "[" * MAX_DEPTH in text or '{"":' * MAX_DEPTH in text


"""Deeper XML is refused; annotations have fewer than 10 levels."""


class _TooManyElementsError(Exception):
    """The document has more than `MAX_ELEMENTS` elements."""


class _TooDeepError(Exception):
    """The document is nested deeper than `MAX_DEPTH`."""


class _ForbiddenError(Exception):
    """The document has a document type, which could define entities."""


def read_xml(path: Path) -> Element:
    """Read an XML file without a document type.

    A document type is refused: annotations have none, and entities, which can expand or name other
    files, need one.

    Raises
    ------
    InputError
        If the file cannot be read, is not XML, or has a document type.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.xml"
    >>> _ = path.write_text("<annotation><name> cat </name></annotation>")
    >>> read_xml(path).findtext("name")
    ' cat '
    """
    builder = TreeBuilder()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    depth = n_elements = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth, n_elements
        depth += 1
        n_elements += 1
        if n_elements > MAX_ELEMENTS:
            raise _TooManyElementsError
        if depth > MAX_DEPTH:
            raise _TooDeepError
        builder.start(tag, attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag)

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = _forbid
    try:
        parser.Parse(_read_limited(path), True)
    except InputError:
        raise
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    except ValueError:
        raise InputError(f"{shown(str(path))}: not the name of a file; it contains a NUL") from None
    except expat.ExpatError as error:
        raise InputError(
            f"{path} row {error.lineno}: not XML ({expat.ErrorString(error.code)})"
        ) from None
    except _TooManyElementsError:
        raise InputError(f"{path}: more than {MAX_ELEMENTS:,} elements") from None
    except _TooDeepError:
        raise InputError(f"{path}: nested more than {MAX_DEPTH} levels deep") from None
    except _ForbiddenError:
        raise InputError(f"{path}: has a document type (<!DOCTYPE ...>); remove it") from None
    return builder.close()


def _read_limited(path: Path) -> bytes:
    _check_size(path, MAX_BYTES)
    return path.read_bytes()


def _forbid(*_: Any) -> NoReturn:
    raise _ForbiddenError


def as_mapping(where: str, value: object, what: str) -> Mapping[str, object]:
    """Return a value that must be a JSON object.

    Raises
    ------
    InputError
        If it is something else.
    """
    if not isinstance(value, dict):
        raise InputError(f"{where}: {what} is {shown(value)}, not an object")
    return value


def as_list(where: str, value: object, what: str) -> list[object]:
    """Return a value that must be a JSON list.

    Raises
    ------
    InputError
        If it is something else.
    """
    if not isinstance(value, list):
        raise InputError(f"{where}: {what} is {shown(value)}, not a list")
    return value
