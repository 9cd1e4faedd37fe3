"""Read the cells of a table file: CSV with or without a header, JSON Lines, Parquet."""

import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any

from ...utils import InputError
from .find_images import has_image_suffix
from .label_cells import flag_share
from .limits import (
    MAX_EXPANSION,
    MAX_LABELS,
    MIN_LIMITED_BYTES,
    MIN_LIMITED_CELLS,
    check_expansion,
)
from .records import Records, shown, suggestion
from .split import is_split_column


def read_bytes(source: str) -> bytes:
    """Read a file, unpacked if its name ends in .gz.

    Raises
    ------
    InputError
        If it is not there or cannot be read.
    """
    try:
        content = Path(source).read_bytes()
        return _unpack(source, content) if source.lower().endswith(".gz") else content
    except FileNotFoundError:
        raise InputError(f"{source}: no such file") from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise InputError(f"{source}: not a whole .gz file; fetch or pack it again") from None
    except OSError as error:
        raise InputError(f"{source}: {error.strerror or error}") from None


def _unpack(source: str, packed: bytes) -> bytes:
    limit = max(MIN_LIMITED_BYTES, MAX_EXPANSION * len(packed))
    with gzip.GzipFile(fileobj=io.BytesIO(packed)) as opened:
        content = opened.read(limit + 1)
    check_expansion(source, len(packed), len(content))
    return content


def read_text(source: str) -> str:
    """Read a UTF-8 file, with or without a byte order mark.

    Raises
    ------
    InputError
        If the file cannot be read, or is not UTF-8; names the row and the byte.
    """
    content = read_bytes(source)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The positions are those of the bytes after a byte order mark.
        before = content[len(content) - len(error.object) :][: error.start]
        lines = before.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        raise InputError(
            f"{source} row {len(lines)}: byte {len(lines[-1]) + 1} of the row "
            f"(0x{error.object[error.start]:02x}) is not UTF-8; save the file as UTF-8"
        ) from None


def without_header(source: str, cells: Sequence[Sequence[str]], rows: Sequence[int]) -> Records:
    """Return the records of a file without a header: an image, its labels and perhaps its part.

    Raises
    ------
    InputError
        If there are other columns, which need names.
    """
    width = len(cells[0])
    columns = [[record[j] for record in cells] for j in range(width)]
    image = next(j for j, cell in enumerate(cells[0]) if has_image_suffix(cell))
    rest = [j for j in range(width) if j != image]
    split = next((j for j in rest if is_split_column(columns[j])), None)
    labels = [j for j in rest if j != split]
    if len(labels) != 1 or flag_share(columns[labels[0]]) == 1:
        raise InputError(
            f"{source} row {rows[0]}: no header, since {shown(cells[0][image])} is an image; "
            "add a first row that names the columns, such as image,labels"
        )
    named = {"image": columns[image], "labels": columns[labels[0]]}
    if split is not None:
        named["split"] = columns[split]
    records = Records(source, named, rows)
    records.note(f"there is no header; the columns are read as {', '.join(named)}")
    return records


_SEPARATORS = (",", ";", "\t")
_HEADER = 1_000_000
_INDEX = ("", "unnamed: 0", "index")
# Line that Excel writes before the header in countries with a decimal comma.
_SEPARATOR_LINE = re.compile(
    r'[ \t]*"?sep=(?P<separator>[,;\t])"?[ \t]*(?=\r?\n|\r)', re.IGNORECASE
)


def read_csv_records(source: str) -> Records:
    """Read a CSV file: double quotes, UTF-8, a first row that names the columns.

    Cells are separated by commas, or by semicolons or tabs if only these give a column `image` in
    the first row. Spaces after a separator, blank lines and empty cells at the end of rows are
    ignored; a
    quoted cell keeps its spaces. A first line ``sep=;`` defines the separator.

    Raises
    ------
    InputError
        If the file cannot be read, is empty, or a row has more or fewer cells than the header.
    """
    # strict: otherwise an unclosed quote would silently include the rest of the file.
    text = read_text(source)
    declared = _SEPARATOR_LINE.match(text)
    text = (
        text[declared.end() :] if declared else text
    )  # its end stays, so that rows keep their numbers
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=declared["separator"] if declared else _separator(text),
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
                raise InputError(f"{source} row {row}: {_ragged_csv(record, header)}")
            else:
                cells.append(record)
                rows.append(row)
            row = reader.line_num + 1  # a quoted cell may span lines
    except csv.Error as error:
        if "field limit" in str(error):
            raise InputError(
                f"{source} row {row}: a cell of more than {csv.field_size_limit():,} characters; "
                "is a quote missing at its end?"
            ) from None
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
    """Leave out a first column that numbers the rows, such as the index of pandas."""
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
    """Remove empty cells after the last column."""
    while len(record) > width and not record[-1]:
        record = record[:-1]
    return record


def _ragged_csv(record: list[str], header: list[str]) -> str:
    given, wanted = len(record), len(header)
    advice = "quote a cell that holds a comma" if given > wanted else "write empty cells too"
    noun = "cell" if given == 1 else "cells"
    return f"{given} {noun} where the header names {wanted} columns; {advice}"


def _check_header(source: str, row: int, header: list[str]) -> None:
    start = f"{source} row {row}:"
    if len(header) > 2 * MAX_LABELS:
        raise InputError(f"{start} {len(header):,} columns; at most {2 * MAX_LABELS:,} are read")
    names: set[str] = set()
    for number, name in enumerate(header, start=1):
        if not name:
            raise InputError(
                f"{start} column {number} has no name; name it, or leave it out "
                "(pandas: to_csv(..., index=False))"
            )
        if name in names:
            raise InputError(
                f"{start} two columns are named {shown(name)}; rename or remove one of them"
            )
        names.add(name)


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
    # splitlines() would also break at characters that JSON allows inside a text.
    for row, line in enumerate(read_text(source).split("\n"), start=1):
        if not line or line.isspace():
            continue
        record = _parse(source, row, line)
        if records and record.keys() != records[0].keys() and not _is_prediction(record):
            raise InputError(f"{source} row {row}: {_ragged_jsonl(record, records[0], rows[0])}")
        rows.append(row)
        records.append(record)
    if not rows:
        raise InputError(f"{source}: the file is empty; write one object per image and line")
    names = dict.fromkeys(name for record in records for name in record)
    columns = {name: [record.get(name) for record in records] for name in names}
    return Records(source, columns, rows, header_row=rows[0])


def _is_prediction(record: dict[str, Any]) -> bool:
    """Return whether `catnocat predict` wrote a line, which names the labels or an error."""
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
    if "\\u" in line:  # only escapes can write half of a character
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
            f"{source} row {row}: the key {shown(twice)} is repeated; remove one of them"
        )
    return record


class _Pairs(list[tuple[str, Any]]):
    """A JSON object with repeated keys."""


def _ragged_jsonl(record: dict[str, Any], columns: dict[str, Any], first: int) -> str:
    known = list(columns)
    for name in record:
        if name not in columns:
            hint = suggestion(name, known) or "; every line has the same keys"
            return f"key {shown(name)} is not in row {first}{hint}"
    missing = next(name for name in known if name not in record)
    return f"key {shown(missing)} of row {first} is missing; every line has the same keys"


def check_parquet_size(source: object, metadata: Any) -> None:
    """Refuse a Parquet file that is small and declares a large table.

    Parameters
    ----------
    source : str or path
    metadata : pyarrow.parquet.FileMetaData

    Raises
    ------
    InputError
    """
    groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
    chunks = [group.column(j) for group in groups for j in range(group.num_columns)]
    packed = sum(chunk.total_compressed_size for chunk in chunks)
    check_expansion(source, packed, sum(chunk.total_uncompressed_size for chunk in chunks))
    # Run lengths encode a million equal values in a few bytes; names of images are not equal.
    n_cells = sum(chunk.num_values for chunk in chunks)
    if n_cells > max(MIN_LIMITED_CELLS, MAX_EXPANSION * packed):
        raise InputError(
            f"{source}: {metadata.num_rows:,} rows in {packed:,} bytes, which cannot name "
            "different images; is it damaged?"
        )


def _leaf_paths(metadata: Any) -> list[str]:
    """Return the paths of the text columns of a Parquet file."""
    leaves = [metadata.schema.column(j) for j in range(metadata.num_columns)]
    return [leaf.path for leaf in leaves if leaf.physical_type == "BYTE_ARRAY"]


def _cells(column: Any) -> list[Any]:
    """Return the values of an Arrow column; equal texts are one object."""
    cells: list[Any] = []
    for chunk in column.chunks:
        chunk.validate(full=True)  # a damaged file may hold wrong indices
        if hasattr(chunk, "dictionary"):
            values = [*chunk.dictionary.to_pylist(), None]
            cells += [values[-1 if i is None else i] for i in chunk.indices.to_pylist()]
        else:
            cells += chunk.to_pylist()
    return cells


def read_parquet_records(source: str) -> Records:
    """Read a Parquet file; its first record is row 1.

    Raises
    ------
    InputError
        If the file cannot be read, is empty, or is not Parquet.
    """
    import pyarrow as pa  # slow to import, and needed for this format only
    import pyarrow.parquet as pq

    content = read_bytes(source)
    try:
        file = pq.ParquetFile(pa.BufferReader(content))
        check_parquet_size(source, file.metadata)
        texts = [path for path in _leaf_paths(file.metadata) if "." not in path]
        file = pq.ParquetFile(pa.BufferReader(content), read_dictionary=texts)
        table = file.read()
        check_expansion(source, len(content), table.nbytes)
        names = list(map(str, table.column_names))
        columns = [_cells(column) for column in table.columns]
    except InputError:
        raise
    except (pa.ArrowException, OSError, ValueError) as error:  # broken files raise all three
        reason = " ".join(str(error).split())
        raise InputError(f"{source}: not a readable Parquet file ({reason})") from None
    if not table.num_rows:
        raise InputError(f"{source}: the table has no rows; write one per image")
    if len(set(names)) < len(names):
        name = next(name for name in names if names.count(name) > 1)
        raise InputError(
            f"{source}: two columns are named {shown(name)}; rename or remove one of them"
        )
    cells = {
        name: column
        for name, column in zip(names, columns, strict=True)
        if not name.startswith("__index_level_")  # the index of a pandas frame
    }
    return Records(source, cells, range(1, table.num_rows + 1))
