"""Reading the cells of a CSV file."""

import csv
import io
from operator import itemgetter

from ..errors import InputError
from .records import Records, shown
from .text import read_text


def read_csv_records(source: str) -> Records:
    """Read a CSV file: commas, double quotes, UTF-8, a first row that names the columns.

    Spaces after a comma do not count, and neither do blank lines; a quoted cell keeps its spaces.

    Raises
    ------
    InputError
        If the file cannot be read, is empty, or a row has more or fewer cells than the header.
    """
    # strict: a quote that is never closed would otherwise swallow the rest of the file in silence.
    reader = csv.reader(
        io.StringIO(read_text(source), newline=""), strict=True, skipinitialspace=True
    )
    header: list[str] = []
    cells: list[list[str]] = []
    rows: list[int] = []
    row = 1
    try:
        for record in reader:
            if not record:
                pass
            elif not header:
                header, header_row = [name.strip() for name in record], row
            elif len(record) != len(header):
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
    _check_header(source, header_row, header)
    columns = {name: list(map(itemgetter(j), cells)) for j, name in enumerate(header)}
    return Records(source, columns, rows, header_row)


def _ragged(record: list[str], header: list[str]) -> str:
    given, wanted = len(record), len(header)
    advice = "quote a cell that holds a comma" if given > wanted else "write empty cells out"
    noun = "cell" if given == 1 else "cells"
    return f"{given} {noun} where the header names {wanted} columns; {advice}"


def _check_header(source: str, row: int, header: list[str]) -> None:
    start = f"{source} row {row}:"
    if len(header) == 1:
        for separator, name in ((";", "semicolons"), ("\t", "tabs")):
            if separator in header[0]:
                raise InputError(f"{start} the cells are separated by {name}; write commas")
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
