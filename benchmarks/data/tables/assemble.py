"""From the cells of a table file to a LabelTable, whatever the format of the file."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...utils import UnclearInputError
from .columns import RESERVED, Columns, choose_columns
from .image_cells import read_images
from .label_cells import from_flags, from_label_lists
from .label_table import LabelTable
from .long_form import is_long_form, merge_rows
from .predictions import from_predictions
from .reading_options import TableOptions
from .records import Records
from .split import split_of_cells

__all__ = ["RESERVED", "assemble", "in_lower_case"]

_ANY_CASE = ("image", "labels", "split")
"""Those that a column for a label is not called; a label may well be called Group."""


def assemble(
    records: Records, options: TableOptions | None = None, *, needs_split: bool = True
) -> LabelTable:
    """Make the LabelTable out of the cells of a file.

    Parameters
    ----------
    records : Records
    options : TableOptions, optional
    needs_split : bool, default=True
        Refuse a split without training or without test images; otherwise it is left out.

    Raises
    ------
    InputError
        If the cells do not make sense: names the file, the row and what to do.
    """
    options = options or TableOptions()
    records, declared = from_predictions(records)
    columns = choose_columns(records, options)
    if not records.rows:
        records.refuse_header("only the header; write one row per picture")
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
    """Take ``Image,Labels`` as ``image,labels``, where the two do not stand side by side."""
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
        records.refuse(
            groups.index(""), "no group; give every picture one, or leave the column out"
        )
    return np.array(groups)
