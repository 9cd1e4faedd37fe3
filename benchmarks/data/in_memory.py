"""Data sets that are passed to Python as objects instead of by name or path."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..utils import InputError
from .tables import LabelTable, TableOptions, check_label_names, merge_same_image
from .tables.read import assemble, in_lower_case
from .tables.records import Records

DataLike: TypeAlias = Any
"""A name or path, a `LabelTable`, a pandas DataFrame, or a pair ``(X, Y)``."""


def table_in_memory(
    dataset: DataLike, options: TableOptions | None = None, *, needs_split: bool = True
) -> LabelTable | None:
    """Return the label table of an object in memory; None for a name or a path.

    Parameters
    ----------
    dataset : str, path, LabelTable, DataFrame or pair (X, Y)
        A DataFrame has the columns of a label table; its image paths are absolute or relative to
        the working directory. ``X`` holds feature vectors. ``Y`` holds 0, 1 and NaN (unknown), one
        column per label; the column names of a DataFrame are the label names.
    options : TableOptions, optional
        How the columns of a DataFrame are read.
    needs_split : bool, default=True
        Reject a split without training or test images; otherwise the split is ignored.

    Raises
    ------
    InputError
        If the object is of another kind, or its content is invalid.

    Examples
    --------
    >>> table = table_in_memory(([[0.1, 0.2], [0.3, 0.4]], [[1, 0], [0, 1]]))
    >>> table, table.labels
    (LabelTable('arrays': 2 images, 2 labels), ('label0', 'label1'))
    """
    if isinstance(dataset, str | Path):
        return None
    if isinstance(dataset, LabelTable):
        return dataset
    if _is_data_frame(dataset):
        return _from_columns(_columns_of(dataset), options, needs_split)
    if isinstance(dataset, Sequence) and len(dataset) == 2:
        return _from_arrays(*dataset)
    raise InputError(
        f"dataset of type {type(dataset).__name__}: give a name, a path, a LabelTable, a DataFrame"
        " or a pair (X, Y)."
    )


def _is_data_frame(value: Any) -> bool:
    return hasattr(value, "columns") and hasattr(value, "iloc")


def _columns_of(frame: Any) -> Mapping[str, list[Any]]:
    columns = {}
    for name in frame.columns:
        cells = frame[name].tolist()
        # NaN, NaT and pandas.NA are the only cells that do not equal themselves.
        columns[str(name)] = [None if _is_missing(cell) else cell for cell in cells]
    return columns


def _is_missing(cell: Any) -> bool:
    if cell is None or isinstance(cell, str | list | tuple | set):
        return cell is None
    return type(cell).__name__ == "NAType" or bool(cell != cell)


def _from_columns(
    columns: Mapping[str, list[Any]], options: TableOptions | None, needs_split: bool
) -> LabelTable:
    n_rows = len(next(iter(columns.values()), []))
    records = Records("DataFrame", columns, range(1, n_rows + 1))
    options = options or TableOptions()
    table = assemble(in_lower_case(records), options, needs_split=needs_split)
    return merge_same_image(check_label_names(table, options))


def _from_arrays(X: Any, Y: Any) -> LabelTable:
    labels = [str(name) for name in Y.columns] if _is_data_frame(Y) else None
    vectors, truth = _matrix("X", X), _matrix("Y", Y)
    if len(vectors) != len(truth):
        raise InputError(f"X has {len(vectors)} rows and Y has {len(truth)}; they must be equal.")
    if not np.isfinite(vectors).all():
        row, column = np.argwhere(~np.isfinite(vectors))[0]
        raise InputError(f"X row {row}, column {column}: not a finite number.")
    known = ~np.isnan(truth)
    wrong = np.argwhere(known & (truth != 0) & (truth != 1))
    if len(wrong):
        row, column = wrong[0]
        raise InputError(
            f"Y row {row}, column {column}: {truth[row, column]:g}; use 0, 1, or NaN for unknown."
        )
    n, n_labels = truth.shape
    return LabelTable(
        name="arrays",
        source="arrays",
        paths=("",) * n,
        images=tuple(f"row {row}" for row in range(n)),
        labels=tuple(labels or (f"label{number}" for number in range(n_labels))),
        Y=np.where(known, truth, 0).astype(np.uint8),
        known=known,
        rows=np.arange(n),
        X=vectors.astype(np.float32),
    )


def _matrix(name: str, values: Any) -> NDArray[np.float64]:
    try:
        matrix = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"{name}: not a matrix of numbers.") from None
    if matrix.ndim != 2 or not matrix.size:
        raise InputError(f"{name}: shape {matrix.shape}; a matrix with rows and columns is needed.")
    return matrix
