"""Reading XML of unknown origin."""

from pathlib import Path
from typing import Any, NoReturn
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from ...utils import InputError
from ..tables import shown

MAX_DEPTH = 100
"""Deeper XML is refused; annotations have fewer than 10 levels."""


class _TooDeepError(Exception):
    """The document is nested deeper than `MAX_DEPTH`."""


class _ForbiddenError(Exception):
    """The document brings a document type, and with it perhaps entities."""


def read_xml(path: Path) -> Element:
    """Read an XML file that defines nothing of its own.

    A document type is refused: annotations have none, and entities that multiply, or that name
    other files, cannot come without one.

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
    depth = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
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
        parser.Parse(path.read_bytes(), True)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    except ValueError:
        raise InputError(f"{shown(str(path))}: no name of a file; it holds a NUL") from None
    except expat.ExpatError as error:
        raise InputError(
            f"{path} row {error.lineno}: not XML ({expat.ErrorString(error.code)})"
        ) from None
    except _TooDeepError:
        raise InputError(f"{path}: nested more than {MAX_DEPTH} levels deep") from None
    except _ForbiddenError:
        raise InputError(f"{path}: has a document type (<!DOCTYPE ...>); remove it") from None
    return builder.close()


def _forbid(*_: Any) -> NoReturn:
    raise _ForbiddenError
