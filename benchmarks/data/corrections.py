"""Corrections of single labels, and their application to a label table."""

import csv
import io
import json
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..utils import InputError
from .load import load_dataset
from .tables import LabelTable, TableOptions, is_table_name, read_label_table, write_label_table

COLUMNS = ("image", "label", "given", "suggested", "error_probability", "decision")
"""Columns of a file of suspects; the first four and `decision` are read as corrections."""

CHANGE, KEEP = "change", "keep"
VALUES = {"present": 1, "absent": 0, "unknown": -1}

_SEPARATORS = ("|", ",", ";", " ")
_NAMES = {value: name for name, value in VALUES.items()}


@dataclass(frozen=True)
class Correction:
    """A new value of one label of one image.

    Attributes
    ----------
    image, label : str
    given : int or None
        The value that the table is expected to have; None: any.
    value : int
        1: present, 0: absent, -1: unknown.
    where : str
        File and row, for messages.
    """

    image: str
    label: str
    given: int | None
    value: int
    where: str


def write_suspects(rows: Iterable[Sequence[Any]], path: str | Path) -> None:
    """Write suspicious labels as CSV, with an empty column for decisions.

    Parameters
    ----------
    rows : iterable of (image, label, given, suggested, error probability)
        `given` and `suggested` are 0 or 1.
    path : path

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    try:
        with Path(path).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            for image, label, given, suggested, probability in rows:
                writer.writerow(
                    (image, label, _NAMES[given], _NAMES[suggested], f"{probability:.4f}", "")
                )
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror})") from None


def read_corrections(path: str | Path, *, accept_all: bool = False) -> list[Correction]:
    """Read the rows of a file of suspects that are marked "change".

    Parameters
    ----------
    path : path
        CSV with the columns image, label, suggested and, optionally, given and decision. Without a
        column decision every row is a correction.
    accept_all : bool, default=False
        Also take rows without a decision.

    Returns
    -------
    list of Correction

    Raises
    ------
    InputError
        If the file cannot be read, a value is unknown, or two rows contradict each other.
    """
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: is not UTF-8 text; save it as CSV (UTF-8)") from None
    reader = csv.reader(io.StringIO(text, newline=""))
    header = [name.strip().lower() for name in next(reader, [])]
    for name in ("image", "label", "suggested"):
        if name not in header:
            raise InputError(f"{path} row 1: no column '{name}'; it needs image,label,suggested")
    corrections: dict[tuple[str, str], Correction] = {}
    for cells in reader:
        if not any(cells):
            continue
        where = f"{path} row {reader.line_num}"
        if len(cells) != len(header):
            raise InputError(f"{where}: {len(cells)} cells for {len(header)} columns")
        row = dict(zip(header, cells, strict=True))
        decision = row.get("decision", CHANGE).strip().lower()
        if decision not in (CHANGE, KEEP, ""):
            raise InputError(f"{where}: decision {decision!r}; write change, keep or nothing")
        if decision == CHANGE or (accept_all and not decision):
            given = row.get("given", "").strip()
            correction = Correction(
                row["image"],
                row["label"],
                _value(given, where) if given else None,
                _value(row["suggested"], where),
                where,
            )
            other = corrections.setdefault((correction.image, correction.label), correction)
            if other.value != correction.value:
                raise InputError(f"{where}: contradicts {other.where}; delete one of the rows")
    return list(corrections.values())


def apply_corrections(
    corrections: Sequence[Correction],
    dataset: str | Path,
    out: str | Path,
    *,
    reading: dict[str, Any] | None = None,
) -> int:
    """Write a copy of a data set with corrected labels.

    A label table keeps its form, its other columns and the order of its rows; only cells of
    corrected labels change, and relative image names if the copy is in another folder. The copy is
    read back and compared before it gets its name. A data set in another format is written as a
    label table.

    Parameters
    ----------
    corrections : sequence of Correction
    dataset : str or path
    out : path
        A new file; its suffix is that of the table.
    reading : dict, optional
        Options of `TableOptions`.

    Returns
    -------
    int
        Number of labels that changed.

    Raises
    ------
    InputError
        If `out` exists, a correction does not match the data set, or the table's form cannot hold
        the corrected labels.
    """
    target = Path(out)
    if target.exists():
        raise InputError(
            f"--out {target}: exists already and is not overwritten; choose a new name"
        )
    if not target.parent.is_dir():
        raise InputError(f"--out {target}: the folder {target.parent} does not exist")
    options = TableOptions(**(reading or {}))
    source = Path(dataset)
    is_table = is_table_name(source) and source.is_file()
    if is_table and source.suffix.lower() != target.suffix.lower():
        raise InputError(f"--out {target}: the suffix must be that of the table, {source.suffix}")
    table = (
        read_label_table(source, options, needs_split=False)
        if is_table
        else load_dataset(dataset, **(reading or {}))
    )
    corrected = _correct(table, corrections)
    handle, name = tempfile.mkstemp(
        dir=target.parent, prefix=f".{target.stem}-", suffix=target.suffix
    )
    os.close(handle)
    part = Path(name)
    try:
        if is_table:
            part.write_bytes(_edited(source, table, corrected, part))
            written = read_label_table(part, options, needs_split=False)
            _check_same(corrected, written, source)
        else:
            write_label_table(replace(corrected, counts=None), part)
        part.chmod(0o644)
        os.link(part, target)
    except FileExistsError:
        raise InputError(f"--out {target}: exists already and is not overwritten") from None
    except OSError as error:
        raise InputError(f"--out {target}: cannot be written ({error.strerror})") from None
    finally:
        part.unlink(missing_ok=True)
    return int(((corrected.Y != table.Y) | (corrected.known != table.known)).sum())


def _value(text: str, where: str) -> int:
    value = VALUES.get(text.strip().lower())
    if value is None:
        raise InputError(f"{where}: {text!r}; write present, absent or unknown")
    return value


def _correct(table: LabelTable, corrections: Sequence[Correction]) -> LabelTable:
    rows: dict[str, list[int]] = {}
    for row, image in enumerate(table.images):
        rows.setdefault(image, []).append(row)
    columns = {label: column for column, label in enumerate(table.labels)}
    Y, known = table.Y.copy(), table.known.copy()
    for correction in corrections:
        if correction.image not in rows:
            raise InputError(
                f"{correction.where}: {table.source} has no image {correction.image!r}"
            )
        if correction.label not in columns:
            raise InputError(
                f"{correction.where}: {table.source} has no label {correction.label!r}"
            )
        column = columns[correction.label]
        for row in rows[correction.image]:
            now = int(table.Y[row, column]) if table.known[row, column] else -1
            if correction.given is not None and now != correction.given:
                raise InputError(
                    f"{correction.where}: {correction.label!r} is {_NAMES[now]} in"
                    f" {table.where(row)}, not {_NAMES[correction.given]}; the corrections are for"
                    " another version of the table"
                )
            Y[row, column], known[row, column] = correction.value == 1, correction.value >= 0
    return replace(table, Y=Y, known=known, counts=None)


def _check_same(wanted: LabelTable, written: LabelTable, source: Path) -> None:
    """Compare the copy with what it should contain, by label name: empty labels may be gone."""
    columns = {label: column for column, label in enumerate(written.labels)}
    same = written.n_images == wanted.n_images
    for column, label in enumerate(wanted.labels):
        if not same:
            break
        if label in columns:
            k = columns[label]
            same = np.array_equal(written.Y[:, k], wanted.Y[:, column]) and np.array_equal(
                written.known[:, k], wanted.known[:, column]
            )
        else:
            same = not wanted.Y[:, column].any()
    if not same:
        raise InputError(
            f"{source}: the form of this table cannot hold the corrected labels; write one 0/1"
            " column per label"
        )


@dataclass
class _Cells:
    """Columns of a table file, and the function that writes them back."""

    columns: dict[str, list[Any]]
    write: Callable[[dict[str, list[Any]]], bytes]


def _edited(source: Path, table: LabelTable, corrected: LabelTable, target: Path) -> bytes:
    """Return the content of the table file with the cells of corrected labels changed."""
    cells = _read_cells(source)
    if any(len(column) != table.n_images for column in cells.columns.values()):
        raise InputError(
            f"{source}: does not have one row per image; corrections need a table with one"
        )
    changed = np.flatnonzero(
        ((table.Y != corrected.Y) | (table.known != corrected.known)).any(axis=1)
    ).tolist()
    if set(table.labels) <= cells.columns.keys():
        _edit_flags(cells.columns, table, corrected, changed)
    else:
        _edit_lists(cells.columns, table, corrected, changed, source)
    _rebase_images(cells.columns, table, source.absolute().parent, target.absolute().parent)
    return cells.write(cells.columns)


def _edit_flags(
    columns: dict[str, list[Any]], table: LabelTable, corrected: LabelTable, rows: Sequence[int]
) -> None:
    for column, label in enumerate(table.labels):
        cells = columns[label]
        spellings = {
            1: _usual(cells, table.Y[:, column] == 1, 1),
            0: _usual(cells, table.known[:, column] & (table.Y[:, column] == 0), 0),
            -1: _usual(cells, ~table.known[:, column], None),
        }
        for row in rows:
            before = table.Y[row, column], table.known[row, column]
            after = corrected.Y[row, column], corrected.known[row, column]
            if before != after:
                cells[row] = spellings[int(after[0]) if after[1] else -1]


def _usual(cells: Sequence[Any], rows: NDArray[np.bool_], default: int | None) -> Any:
    """Return how a column writes a value: as in most of its rows."""
    written = Counter(cells[row] for row in np.flatnonzero(rows).tolist())
    if written:
        return written.most_common(1)[0][0]
    text = any(isinstance(cell, str) for cell in cells)
    return ("" if default is None else str(default)) if text else default


def _edit_lists(
    columns: dict[str, list[Any]],
    table: LabelTable,
    corrected: LabelTable,
    rows: Sequence[int],
    source: Path,
) -> None:
    if not corrected.known.all():
        raise InputError(
            f"{source}: lists of labels cannot say that a label is unknown; write one 0/1 column"
            " per label, or present or absent as the correction"
        )
    sets = [frozenset(table.labels[column] for column in np.flatnonzero(row)) for row in table.Y]
    for cells in columns.values():
        for split, join in _list_forms(cells):
            if all(split(cell) == labels for cell, labels in zip(cells, sets, strict=True)):
                for row in rows:
                    cells[row] = join(_ordered(split, cells[row], corrected, row))
                return
    raise InputError(
        f"{source}: its labels are in a form that cannot be corrected in place; write one 0/1"
        " column per label, or the labels joined by '|'"
    )


def _ordered(split: Callable[[Any], Any], cell: Any, corrected: LabelTable, row: int) -> list[str]:
    """Return the corrected labels of an image: those that stay in their order, then new ones."""
    labels = [corrected.labels[column] for column in np.flatnonzero(corrected.Y[row])]
    text = cell if isinstance(cell, str) else " ".join(map(str, cell or ()))
    kept = sorted((label for label in labels if label in split(cell)), key=text.find)
    return kept + [label for label in labels if label not in kept]


def _list_forms(
    cells: Sequence[Any],
) -> Iterator[tuple[Callable[[Any], Any], Callable[[list[str]], Any]]]:
    """Return pairs of functions that take a cell apart and put one together, for each form."""

    def split_native(cell: Any) -> Any:
        return None if isinstance(cell, str) else frozenset(map(str, cell or ()))

    def split_json(cell: Any) -> Any:
        try:
            value = json.loads(cell) if cell else []
        except (TypeError, ValueError):
            return None
        return frozenset(value) if isinstance(value, list) else None

    yield split_native, lambda labels: labels
    yield split_json, lambda labels: json.dumps(labels, ensure_ascii=False)
    for separator in _SEPARATORS:
        spaced = separator.strip() and any(f"{separator} " in cell for cell in map(str, cells))
        yield _split_by(separator), (f"{separator} " if spaced else separator).join


def _split_by(separator: str) -> Callable[[Any], Any]:
    def split(cell: Any) -> Any:
        if cell is None:
            return frozenset()
        if not isinstance(cell, str):
            return None
        return frozenset(part.strip() for part in cell.split(separator) if part.strip())

    return split


def _rebase_images(columns: dict[str, list[Any]], table: LabelTable, old: Path, new: Path) -> None:
    """Make relative image names relative to the folder of the copy."""
    if old == new:
        return
    name = next(
        (name for name, cells in columns.items() if list(map(str, cells)) == list(table.images)),
        None,
    )
    if name is None:
        return
    for row, (image, path) in enumerate(zip(table.images, table.paths, strict=True)):
        if path and not Path(image).is_absolute() and os.path.join(old, image) == path:  # noqa: PTH118
            columns[name][row] = os.path.relpath(path, new)


def _read_cells(source: Path) -> _Cells:
    suffix = source.suffix.lower()
    if suffix == ".parquet":
        return _read_parquet(source)
    try:
        text = source.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{source}: is not UTF-8 text; save it as UTF-8") from None
    if suffix in (".jsonl", ".ndjson"):
        return _read_jsonl(text)
    if suffix in (".csv", ".tsv"):
        return _read_csv(text)
    raise InputError(f"{source}: unpack it first; corrections are applied to plain files")


def _read_csv(text: str) -> _Cells:
    newline = "\r\n" if "\r\n" in text else "\n"
    delimiter = Counter(mark for mark in text.splitlines()[0] if mark in ",;\t").most_common(1)
    mark = delimiter[0][0] if delimiter else ","
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=mark) if any(row)]
    header = rows[0]
    width = len(header)
    body = [row + [""] * (width - len(row)) for row in rows[1:]]
    columns = {name: [row[k] for row in body] for k, name in enumerate(header)}

    def write(columns: dict[str, list[Any]]) -> bytes:
        file = io.StringIO(newline="")
        writer = csv.writer(file, delimiter=mark, lineterminator=newline)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
        return file.getvalue().encode()

    return _Cells(columns, write)


def _read_jsonl(text: str) -> _Cells:
    records = [json.loads(line) for line in text.splitlines() if line.strip()]
    names = list(dict.fromkeys(name for record in records for name in record))
    columns = {name: [record.get(name) for record in records] for name in names}

    def write(columns: dict[str, list[Any]]) -> bytes:
        lines = []
        for row, record in enumerate(records):
            values = {name: cells[row] for name, cells in columns.items()}
            kept = {name: v for name, v in values.items() if name in record or v is not None}
            lines.append(json.dumps(kept, ensure_ascii=False))
        return ("\n".join(lines) + "\n").encode()

    return _Cells(columns, write)


def _read_parquet(source: Path) -> _Cells:
    import pyarrow as pa
    import pyarrow.parquet as pq

    original = pq.read_table(source)
    columns = {name: original.column(name).to_pylist() for name in original.column_names}

    def write(columns: dict[str, list[Any]]) -> bytes:
        file = io.BytesIO()
        pq.write_table(pa.table(columns, schema=original.schema), file)
        return file.getvalue()

    return _Cells(columns, write)
