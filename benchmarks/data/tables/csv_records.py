"""Reading the cells of a CSV file."""

import csv
import io
import re
from operator import itemgetter

from ...utils import InputError
from .find_images import has_image_suffix
from .headerless import without_header
from .records import Records, shown
from .text import read_text

_SEPARATORS = (",", ";", "\t")
_HEADER = 1_000_000
_INDEX = ("", "unnamed: 0", "index")
# What Excel writes and reads before the header, where a comma separates decimals.
_SAID = re.compile(r'[ \t]*"?sep=(?P<separator>[,;\t])"?[ \t]*(?=\r?\n|\r)', re.IGNORECASE)


def read_csv_records(source: str) -> Records:
    """Read a CSV file: double quotes, UTF-8, a first row that names the columns.

    Cells are separated by commas; by semicolons or tabs, as spreadsheets write in many countries,
    where only these make a column `image` of the first row. Spaces after a separator do not count,
    and neither do blank lines nor the empty cells that spreadsheets add at the end of rows; a
    quoted cell keeps its spaces. A first line ``sep=;`` says what separates.

    Raises
    ------
    InputError
        If the file cannot be read, is empty, or a row has more or fewer cells than the header.
    """
    # strict: a quote that is never closed would otherwise swallow the rest of the file in silence.
    text = read_text(source)
    said = _SAID.match(text)
    text = text[said.end() :] if said else text  # its end stays, so that rows keep their numbers
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=said["separator"] if said else _separator(text),
        strict=True,
        skipinitialspace=True,
    )
    header: list[str] = []
    cells: list[list[str]] = []
    rows: list[int] = []
    row = 1
    try:
        for record in reader:
            if not any(record):
                pass
            elif not header:
                header, header_row = [name.strip() for name in record], row
                if not any(map(has_image_suffix, header)):  # else it is the first image
                    header = _without_end(header)
            elif len(record := _without_end(record, len(header))) != len(header):
                raise InputError(f"{source} row {row}: {_ragged(record, header)}")
            else:
                cells.append(record)
                rows.append(row)
            row = reader.line_num + 1  # a quoted cell may span lines
    except csv.Error as error:
        raise InputError(
            f"{source} row {row}: the quotes do not match ({error}); close the quoted cell, and "
            'write a double quote inside it as ""'
        ) from None
    if not header:
        raise InputError(f"{source}: the file is empty; its first row must name the columns")
    if any(map(has_image_suffix, header)):
        return without_header(source, [header, *cells], [header_row, *rows])
    header, cells, notes = _without_index(source, header, cells)
    _check_header(source, header_row, header)
    columns = {name: list(map(itemgetter(j), cells)) for j, name in enumerate(header)}
    return Records(source, columns, rows, header_row, notes)


def _without_index(
    source: str, header: list[str], cells: list[list[str]]
) -> tuple[list[str], list[list[str]], list[str]]:
    """Leave out a first column that numbers the rows, as pandas writes its index."""
    if header[0].lower() not in _INDEX or len(header) < 2 or not cells:
        return header, cells, []
    numbers = [record[0].strip() for record in cells]
    if not any(numbers == list(map(str, range(k, k + len(cells)))) for k in (0, 1)):
        return header, cells, []
    note = f"{source}: the first column, which numbers the rows, is ignored"
    return header[1:], [record[1:] for record in cells], [note]


def _separator(text: str) -> str:
    first = next((line for line in text[:_HEADER].splitlines() if line.strip()), "")
    for separator in _SEPARATORS:
        names = [cell.strip(' "').lower() for cell in first.split(separator)]
        if "image" in names or any(map(has_image_suffix, names)):
            return separator
    return max(_SEPARATORS, key=first.count)  # for an error that names the columns


def _without_end(record: list[str], width: int = 0) -> list[str]:
    """Take the empty cells away that stand behind the last column."""
    while len(record) > width and not record[-1]:
        record = record[:-1]
    return record


def _ragged(record: list[str], header: list[str]) -> str:
    given, wanted = len(record), len(header)
    advice = "quote a cell that holds a comma" if given > wanted else "write empty cells out"
    noun = "cell" if given == 1 else "cells"
    return f"{given} {noun} where the header names {wanted} columns; {advice}"


def _check_header(source: str, row: int, header: list[str]) -> None:
    start = f"{source} row {row}:"
    for number, name in enumerate(header, start=1):
        if not name:
            raise InputError(
                f"{start} column {number} has no name; name it, or leave it out "
                "(pandas: to_csv(..., index=False))"
            )
        if header.index(name) != number - 1:
            raise InputError(
                f"{start} two columns are named {shown(name)}; rename or remove one of them"
            )
