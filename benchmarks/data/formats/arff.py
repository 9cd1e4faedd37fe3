"""The ARFF file format: typed attributes, then rows, dense or sparse.

SciPy's reader does not read sparse rows, in which half of the multi-label sets are published, and
does not report the row of an error.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...utils import InputError
from ..tables import check_expansion, read_text, shown

_QUOTED = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_ATTRIBUTE = re.compile(
    rf"@attribute\s+({_QUOTED}|(?:\\.|[^\s{{\\'\"])+)\s*(.+)", re.IGNORECASE | re.DOTALL
)
_CELL = re.compile(rf"\s*({_QUOTED}|(?:\\.|[^,\\'\"])*?)\s*(?:,|$)")
_PAIR = re.compile(rf"\s*(\d+)\s+({_QUOTED}|(?:\\.|[^,\s\\'\"])+)\s*(?:,|$)")
_BEFORE_COMMENT = re.compile(rf"(?:{_QUOTED}|\\.|[^%])*?(?=%|$)")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t"}
_NUMERIC = ("numeric", "real", "integer")


@dataclass(frozen=True)
class Attribute:
    """A column: its name and, where it is nominal, its values in their order."""

    name: str
    values: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Arff:
    """Content of an ARFF file.

    Attributes
    ----------
    source : str
    relation : str
    attributes : tuple of Attribute
    cells : array of float32, shape (n_rows, n_attributes)
        Numbers, or the positions of nominal values; NaN where a cell is ``?``.
    rows : tuple of int
        The line of each row in the file.
    """

    source: str
    relation: str
    attributes: tuple[Attribute, ...]
    cells: NDArray[np.float32]
    rows: tuple[int, ...]


def read_arff(path: Path) -> Arff:
    r"""Read an ARFF file.

    Raises
    ------
    InputError
        If the file is no ARFF, or a row does not fit its attributes.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "a.arff"
    >>> header = "@relation r\n@attribute size numeric\n@attribute pet {cat, dog}\n@data\n"
    >>> _ = file.write_text(header + "1.5, dog\n{0 2}\n")
    >>> read_arff(file).cells.tolist()
    [[1.5, 1.0], [2.0, 0.0]]
    """
    source = str(path)
    text = read_text(source)
    size = len(text)
    lines = _lines(text)
    relation, attributes = _read_header(source, lines)
    codes = [
        None if attribute.values is None else {value: k for k, value in enumerate(attribute.values)}
        for attribute in attributes
    ]
    rows: list[int] = []
    cells: list[NDArray[np.float32]] = []
    for row, line in lines:
        check_expansion(source, size, 4 * len(rows) * len(attributes))
        rows.append(row)
        cells.append(_read_row(f"{source} row {row}", line, attributes, codes))
    if not rows:
        raise InputError(f"{source}: no row after @data")
    return Arff(source, relation, tuple(attributes), np.stack(cells), tuple(rows))


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for row, line in enumerate(text.splitlines(), start=1):
        bare = line.strip()
        if "%" in bare and (match := _BEFORE_COMMENT.match(bare)) is not None:
            bare = match[0].rstrip()
        if bare:
            yield row, bare


def _read_header(source: str, lines: Iterator[tuple[int, str]]) -> tuple[str, list[Attribute]]:
    relation = ""
    attributes: list[Attribute] = []
    for row, line in lines:
        word = line.split(maxsplit=1)[0].lower()
        if word == "@relation":
            relation = unescape(line[len(word) :].strip())
        elif word == "@attribute":
            attributes.append(_read_attribute(f"{source} row {row}", line))
        elif word == "@data":
            names = [attribute.name for attribute in attributes]
            if len(set(names)) != len(names):
                twice = next(name for name in names if names.count(name) > 1)
                raise InputError(f"{source}: two attributes are called {shown(twice)}")
            if attributes:
                return relation, attributes
            break
        else:
            raise InputError(f"{source} row {row}: {shown(line)} does not belong before @data")
    raise InputError(f"{source}: not an ARFF file; it needs @attribute lines, then @data")


def _read_attribute(where: str, line: str) -> Attribute:
    match = _ATTRIBUTE.fullmatch(line)
    if match is None:
        raise InputError(f"{where}: {shown(line)} is not @attribute, a name and a type")
    name, kind = unescape(match[1]), match[2].strip()
    if kind.lower() in _NUMERIC:
        return Attribute(name)
    if not (kind.startswith("{") and kind.endswith("}")):
        raise InputError(
            f"{where}: attribute {name!r} is of type {shown(kind)}; it must be numeric or {{a, b}}"
        )
    values = tuple(unescape(value) for value in _split(where, kind[1:-1]))
    if len(set(values)) != len(values):
        twice = next(value for value in values if values.count(value) > 1)
        raise InputError(f"{where}: attribute {name!r} lists the value {shown(twice)} twice")
    return Attribute(name, values)


def _read_row(
    where: str,
    line: str,
    attributes: Sequence[Attribute],
    codes: Sequence[dict[str, int] | None],
) -> NDArray[np.float32]:
    values = np.zeros(len(attributes), dtype=np.float32)
    if line.startswith("{"):
        pairs = _split_pairs(where, line)
    else:
        # Most rows have no quotes and can be split faster.
        quoted = "'" in line or '"' in line or "\\" in line
        cells = _split(where, line) if quoted else [cell.strip() for cell in line.split(",")]
        if len(cells) != len(attributes):
            raise InputError(f"{where}: {len(cells)} cells for {len(attributes)} attributes")
        pairs = list(enumerate(cells))
    if len({j for j, _ in pairs}) != len(pairs):
        raise InputError(f"{where}: {shown(line)} names an attribute twice")
    for j, cell in pairs:
        if j >= len(attributes):
            raise InputError(f"{where}: attribute {j} of {len(attributes)}; they count from 0")
        code = codes[j]
        try:
            if cell == "?":  # but a quoted question mark is a value
                values[j] = np.nan
            else:
                plain = unescape(cell)
                values[j] = float(plain) if code is None else code[plain]
        except (ValueError, KeyError):
            expected = "a number" if code is None else f"one of {shown(list(code))}"
            raise InputError(
                f"{where}: attribute {attributes[j].name!r} is {shown(cell)}, not {expected}"
            ) from None
    return values


def _split(where: str, text: str) -> list[str]:
    cells = []
    at = 0
    while at <= len(text):
        match = _CELL.match(text, at)
        if match is None:
            raise InputError(f"{where}: the quotes do not match in {shown(text[at:])}")
        cells.append(match[1])
        if match.end() == len(text) and not match[0].endswith(","):
            break
        at = match.end()
    return cells


def _split_pairs(where: str, line: str) -> list[tuple[int, str]]:
    text = line[1:].rstrip().removesuffix("}").strip()
    pairs = []
    at = 0
    while at < len(text):
        match = _PAIR.match(text, at)
        if match is None or not line.endswith("}"):
            raise InputError(f"{where}: {shown(line)} is not a sparse row; write {{1 0.5, 7 1}}")
        pairs.append((int(match[1]), match[2]))
        at = match.end()
    return pairs


def unescape(text: str) -> str:
    r"""Return a name or value without its quotes, with its escapes resolved.

    Escapes are Weka's: a backslash before a quote, a backslash, a percent sign or any other
    character, `\n`, `\r`, `\t` and `\u001E`.

    Examples
    --------
    >>> unescape(r"'it\'s'"), unescape(r"TAG_m\'usica")
    ("it's", "TAG_m'usica")
    """
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1]
    return _ESCAPE.sub(_escaped, text) if "\\" in text else text


def _escaped(match: re.Match[str]) -> str:
    code = match[1]
    if len(code) == 5:
        return chr(int(code[1:], 16))
    return _CONTROLS.get(code, code)
