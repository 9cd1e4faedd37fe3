"""Read a label table from a file."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...utils import InputError, UnclearInputError, announce
from .columns import Columns, choose_columns, image_column
from .file_readers import read_csv_records, read_jsonl_records, read_parquet_records
from .find_images import read_images
from .label_cells import from_flags, from_label_lists
from .label_table import LabelTable
from .long_form import is_long_form, merge_rows
from .reading_options import TableOptions
from .records import Records
from .split import split_of_cells

_ERROR, _FLAG, _PROBABILITIES, _PREFIX = "error", "unlike_training", "probabilities", "p:"


def from_predictions(records: Records) -> tuple[Records, list[str]]:
    """Leave out the probabilities and the images with an error from the output of `predict`.

    Returns
    -------
    records : Records
        Unchanged if they are not predictions.
    labels : list of str
        The label names that the columns of probabilities declare, if there are any.
    """
    names = list(records.columns)
    declared = [name.removeprefix(_PREFIX) for name in names if name.startswith(_PREFIX)]
    is_text = "labels" in names and _ERROR in names and bool(declared)
    is_json = "labels" in names and _PROBABILITIES in names
    if not is_text and not is_json:
        return records, []
    kept = [name for name in names if name not in (_ERROR, _FLAG, _PROBABILITIES)]
    kept = [name for name in kept if not name.startswith(_PREFIX)]
    errors = records.columns.get(_ERROR, [None] * len(records.rows))
    rows = [i for i, error in enumerate(errors) if not error]
    if not rows:
        records.refuse_header("no image of these predictions could be read; predict them again")
    note = "read as predictions: the probabilities are ignored"
    if lost := len(errors) - len(rows):
        note += f", and {lost:,} {'image' if lost == 1 else 'images'} with an error left out"
    records.note(note)
    plain = {name: records.columns[name] for name in kept}
    return Records(records.source, plain, records.rows, records.header_row, records.notes).take(
        rows
    ), declared


OBJECTS = "objects.csv"
"""Name of the file: one row per object, with the columns `image` and `label`."""


def with_object_counts(table: LabelTable) -> LabelTable:
    """Add the object counts of an ``objects.csv`` next to the label table, if there is one.

    Objects of images and labels that the table does not contain are ignored, as is a file without
    the two columns.

    Raises
    ------
    InputError
        If the two files contradict each other.
    """
    source = Path(table.source).with_name(OBJECTS)
    if source == Path(table.source) or not source.is_file():
        return table
    records = read_csv_records(str(source))
    if not {"image", "label"} <= records.columns.keys():
        return table
    row = {image: i for i, image in enumerate(table.images)}
    column = {label: j for j, label in enumerate(table.labels)}
    counts = np.zeros(table.Y.shape, dtype=np.int64)
    for k, (image, label) in enumerate(
        zip(records.columns["image"], records.columns["label"], strict=True)
    ):
        i, j = row.get(image), column.get(label)
        if i is None or j is None:
            continue
        if table.known[i, j] and not table.Y[i, j]:
            records.refuse(k, f"{label!r} is not a label of {image!r} in {table.source}")
        counts[i, j] += 1
    missing = np.argwhere((table.Y == 1) & (counts == 0))
    if missing.size:
        i, j = missing[0]
        raise InputError(
            f"{table.where(i)}: label {table.labels[j]!r} has no object in {source}; add it, or "
            "remove that file"
        )
    return replace(table, counts=counts)


_ANY_CASE = ("image", "labels", "split")
"""Columns that are recognised in upper case too; ``Group`` may be a label."""


def assemble(
    records: Records, options: TableOptions | None = None, *, needs_split: bool = True
) -> LabelTable:
    """Build a LabelTable from the cells of a file.

    Parameters
    ----------
    records : Records
    options : TableOptions, optional
    needs_split : bool, default=True
        Refuse a split without training or without test images, instead of ignoring it.

    Raises
    ------
    InputError
        If the cells are invalid; names the file, the row and what to do.
    """
    options = options or TableOptions()
    records, declared = from_predictions(records)
    columns = choose_columns(records, options)
    if not records.rows:
        records.refuse_header("only the header; write one row per image")
    if is_long_form(records, columns, options.separator):
        records, labels = merge_rows(records, columns, options.min_confidence)
    elif columns.labels is None:
        labels = from_flags(records, columns.flags, options)
    else:
        labels = from_label_lists(records, columns.labels, options.separator, declared)
    images, paths = read_images(records, columns.image, options)
    return LabelTable(
        name=_name(records.source),
        source=records.source,
        paths=tuple(paths),
        images=tuple(images),
        labels=tuple(labels.names),
        Y=labels.Y,
        known=labels.known,
        rows=np.asarray(records.rows),
        split=_read_split(records, columns, options, needs_split),
        group=_read_group(records, columns),
        joiner_known=labels.joiner_known,
        notes=tuple(records.notes),
    )


def _name(source: str) -> str:
    path = Path(source).absolute()
    if path.suffix.lower() == ".gz":
        path = path.with_suffix("")
    return path.parent.name or path.stem if path.stem == "labels" else path.stem


def in_lower_case(records: Records) -> Records:
    """Read ``Image,Labels`` as ``image,labels``, unless both spellings occur."""
    given = list(records.columns)
    plain = [name.strip().lower() for name in given]
    names = {
        name: low if low in _ANY_CASE and plain.count(low) == 1 else name
        for name, low in zip(given, plain, strict=True)
    }
    return replace(records, columns={names[name]: cells for name, cells in records.columns.items()})


def _read_split(
    records: Records, columns: Columns, options: TableOptions, needed: bool
) -> NDArray[np.str_] | None:
    if columns.split is None:
        return None
    split = split_of_cells(records, columns.split, options)
    for name in ("train", "test"):
        if name not in split:
            problem = f"the column {columns.split!r} has no {name} row"
            if needed:
                raise UnclearInputError(
                    f"{records.header}: {problem}", [("--folds 5", "to cross-validate instead")]
                )
            records.note(f"{problem} and is ignored")
            return None
    return split


def _read_group(records: Records, columns: Columns) -> NDArray[np.str_] | None:
    if columns.group is None:
        return None
    cells = records.columns[columns.group]
    groups = ["" if cell is None else str(cell).strip() for cell in cells]
    if "" in groups:
        records.refuse(groups.index(""), "no group; give every image one, or leave the column out")
    return np.array(groups)


READERS: dict[str, Callable[[str], Records]] = {
    ".csv": read_csv_records,
    ".tsv": read_csv_records,
    ".csv.gz": read_csv_records,
    ".jsonl": read_jsonl_records,
    ".ndjson": read_jsonl_records,
    ".parquet": read_parquet_records,
}
"""Function that reads the files of each suffix."""

_ADVICE = dict.fromkeys((".xlsx", ".xls", ".ods"), "save it as CSV (UTF-8)") | dict.fromkeys(
    (".zip", ".gz", ".7z", ".tar.gz", ".jsonl.gz"), "unpack it first"
)


def read_label_table(
    path: str | os.PathLike[str],
    options: TableOptions | None = None,
    *,
    needs_split: bool = True,
) -> LabelTable:
    r"""Read a label table: CSV, JSON Lines or Parquet, by the suffix of the file.

    The column `image` names each image, relative to the table's folder. The labels are
    either in one column `labels`, joined by ``|`` (empty: no label; JSON Lines and Parquet also
    allow a list), or in one 0/1 column per label (empty: unknown). `split` and `group` are
    optional. The rows of an ``objects.csv`` with `image` and `label` next to the table are counted.
    ``docs/label-tables.md`` defines the format.

    Parameters
    ----------
    path : path-like
        The table.
    options : TableOptions, optional
        How to read it, if that is not clear from the table.
    needs_split : bool, default=True
        Refuse a split without training or without test images, instead of ignoring it.

    Returns
    -------
    LabelTable
        One entry per row, named like the file, or like its folder if the file is ``labels``.

    Raises
    ------
    InputError
        If the table is invalid; one line with the file, the row and what to do. A missing image is
        an error only if all are missing.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> (folder / "a.jpg").touch()
    >>> _ = (folder / "pets.csv").write_text("image,labels\na.jpg,cat|dog\nb.jpg,\n")
    >>> table = read_label_table(folder / "pets.csv")
    >>> table
    LabelTable('pets': 2 images, 2 labels)
    >>> table.labels
    ('cat', 'dog')
    >>> table.Y.tolist()
    [[1, 1], [0, 0]]
    """
    source = os.fspath(path)
    return with_object_counts(assemble(read_records(source), options, needs_split=needs_split))


def is_table_name(path: Path) -> bool:
    """Return whether a file is a table by its name."""
    return _suffix(path) in READERS


def read_records(source: str) -> Records:
    """Read the cells of a table, in the format that its suffix names.

    Raises
    ------
    InputError
        If the suffix is not that of a table, or the file cannot be read.
    """
    suffix = _suffix(Path(source))
    if suffix not in READERS:
        advice = _ADVICE.get(suffix) or "the suffix must be one of " + ", ".join(READERS)
        raise InputError(f"{source}: not a label table by its name; {advice}")
    return in_lower_case(READERS[suffix](source))


def _suffix(path: Path) -> str:
    last = path.suffix.lower()
    return path.with_suffix("").suffix.lower() + last if last == ".gz" else last


def read_images_named(
    path: str | os.PathLike[str], options: TableOptions | None = None
) -> tuple[list[str], list[str]]:
    r"""Read the column `image` of a table, which need not have labels.

    Parameters
    ----------
    path : path-like
        CSV, JSON Lines or Parquet, as for `read_label_table`.
    options : TableOptions, optional
        How to find the images, if that is not clear from the table.

    Returns
    -------
    images, paths : list of str
        The names as the table gives them, and the absolute paths.

    Raises
    ------
    InputError
        If it cannot be read, or does not name images.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> folder = Path(tempfile.mkdtemp())
    >>> (folder / "a.jpg").touch()
    >>> _ = (folder / "new.csv").write_text("image,taken\na.jpg,2026-11-24\n")
    >>> read_images_named(folder / "new.csv")[0]
    ['a.jpg']
    """
    source = os.fspath(path)
    options = options or TableOptions()
    records = read_records(source)
    column = image_column(records, options)
    cells = records.columns[column]
    if all(isinstance(cell, str) for cell in cells) and len(set(cells)) < len(cells):
        first = {cell: i for i, cell in reversed(list(enumerate(cells)))}
        records = records.take(sorted(first.values()))
        records.note(f"images repeat: {len(cells):,} rows, {len(first):,} images")
    images, paths = read_images(records, column, options)
    announce(records.notes)
    return images, paths
