"""Predictions of all methods for the test images, as a Parquet file.

The format is described in `docs/predictions.md`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..data.tables import LabelTable
from ..utils import InputError, atomic_write
from .cross_validation import MethodResult, scored_rows
from .splits import Fold, fold_numbers
from .thresholding import AIMS

Array = NDArray[Any]

FORMAT_VERSION = 1

DEFAULT_MAX_PREDICTIONS = 10_000_000
"""Maximum number of predictions (test rows x labels x methods) in a file: about 80 MB."""

ROWS_PER_GROUP = 100_000
"""Rows of a row group, so that readers can process the file in parts."""

TEXT_COLUMNS = ["image", "split", "label"]

DECISIONS = {"hamming": "hamming", "f1": "f1", "set": "label_set"}
"""Names of the decision columns, by aim; a method's column is ``<decision>:<method>``."""


def write_predictions(
    path: Path,
    method_results: Sequence[MethodResult],
    table: LabelTable,
    folds: Sequence[Fold],
    *,
    max_predictions: int | None = DEFAULT_MAX_PREDICTIONS,
) -> dict[str, Any]:
    """Write the predictions of all methods, one row per test image and label.

    The predictions of all folds are appended in the order of the folds, and the labels of an image
    follow each other. Above the limit, the test images are thinned evenly, for all methods alike.

    Parameters
    ----------
    path : Path
        File to write, usually ``predictions.parquet``.
    method_results : sequence of MethodResult
        Methods that failed are left out.
    table : LabelTable
        The table of which the folds are subsets.
    folds : sequence of Fold
    max_predictions : int or None
        Maximum number of predictions, counted as test rows x labels x methods; None: no limit.

    Returns
    -------
    dict
        ``"file"``, ``"rows"``, ``"images"`` (predicted test rows in the file), ``"of_images"``
        (all) and ``"methods"``, for `results.json`.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    import pyarrow.parquet as pq

    results = [method_result for method_result in method_results if not method_result.failed]
    rows = scored_rows(folds)
    kept = _thin(len(rows), table.n_labels * max(1, len(results)), max_predictions)
    schema = _schema(table, results, len(rows))
    with (
        atomic_write(path) as file,
        pq.ParquetWriter(file, schema, compression="zstd", use_dictionary=TEXT_COLUMNS) as writer,
    ):
        for columns in _column_blocks(results, table, folds, kept):
            writer.write_table(_as_table(columns, schema))
    return {
        "file": path.name,
        "rows": len(kept) * table.n_labels,
        "images": len(kept),
        "of_images": len(rows),
        "methods": [method_result.method.name for method_result in results],
    }


def _thin(n_rows: int, predictions_per_row: int, max_predictions: int | None) -> Array:
    """Return the positions of the test rows to keep, evenly spaced."""
    if max_predictions is None or n_rows * predictions_per_row <= max_predictions:
        return np.arange(n_rows)
    n_kept = max(1, max_predictions // predictions_per_row)
    return np.linspace(0, n_rows - 1, n_kept).round().astype(np.intp)


def _schema(table: LabelTable, results: Sequence[MethodResult], n_rows: int) -> Any:
    import pyarrow as pa

    fields = [
        ("image", pa.string()),
        ("row", pa.int64()),
        ("repeat", pa.int16()),
        ("fold", pa.int16()),
        ("split", pa.string()),
        ("label", pa.string()),
        ("truth", pa.bool_()),
        ("known", pa.bool_()),
    ]
    for method_result in results:
        name = method_result.method.name
        fields.append((f"probability:{name}", pa.float64()))
        fields += [(f"{DECISIONS[aim]}:{name}", pa.bool_()) for aim in (*AIMS, "set")]
    metadata = {
        "catnocat_predictions": str(FORMAT_VERSION),
        "labels": json.dumps(list(table.labels), ensure_ascii=False),
        "methods": json.dumps([each.method.name for each in results], ensure_ascii=False),
        "test_rows": str(n_rows),
    }
    return pa.schema(fields, metadata=metadata)


def _column_blocks(
    results: Sequence[MethodResult], table: LabelTable, folds: Sequence[Fold], kept: Array
) -> Iterator[dict[str, Any]]:
    """Generate the columns of each row group; without test rows, one empty group."""
    rows, numbers = scored_rows(folds), fold_numbers(folds)
    images, labels = np.array(table.images, dtype=object), np.array(table.labels, dtype=object)
    images_per_group = max(1, ROWS_PER_GROUP // max(1, table.n_labels))
    for start in range(0, max(1, len(kept)), images_per_group):
        part = kept[start : start + images_per_group]
        table_rows = rows[part]
        split = np.full(len(part), "", dtype=object)
        if table.split is not None:
            split = np.array(table.split[table_rows], dtype=object)
        columns = {
            name: np.repeat(values, table.n_labels)
            for name, values in (
                ("image", images[table_rows]),
                ("row", table_rows),
                ("repeat", numbers[part, 0]),
                ("fold", numbers[part, 1]),
                ("split", split),
            )
        }
        columns["label"] = np.tile(labels, len(part))
        columns["truth"] = (table.Y[table_rows] > 0).ravel()
        columns["known"] = table.known[table_rows].astype(bool).ravel()
        for method_result in results:
            name = method_result.method.name
            columns[f"probability:{name}"] = method_result.scores[part].astype(np.float64).ravel()
            for aim, decision in DECISIONS.items():
                predictions = method_result.predictions_by_aim[aim][part]
                columns[f"{decision}:{name}"] = predictions.astype(bool).ravel()
        yield columns


def _as_table(columns: Mapping[str, Array], schema: Any) -> Any:
    import pyarrow as pa

    return pa.table(
        [pa.array(columns[field.name], type=field.type) for field in schema], schema=schema
    )


@dataclass(frozen=True)
class SavedPredictions:
    """Predictions of all methods, read from a file of `write_predictions`.

    Attributes
    ----------
    images : tuple of str, length n_rows
        Image of each test row.
    rows : array of int, shape (n_rows,)
        Row of the label table of each test row.
    folds : array of int, shape (n_rows, 2)
        Repeat and fold of each test row.
    labels : tuple of str
    Y, known : arrays of bool, shape (n_rows, n_labels)
    scores : dict of str to array of float, shape (n_rows, n_labels)
        Probabilities, by method.
    predictions_by_aim : dict of str to dict of str to array of bool, shape (n_rows, n_labels)
        By method and aim, see `catnocat.benchmarks.evaluation.thresholding`.
    n_test_rows : int
        Number of test rows of the comparison; larger than the number of rows if the file was
        limited.
    """

    images: tuple[str, ...]
    rows: Array
    folds: Array
    labels: tuple[str, ...]
    Y: Array
    known: Array
    scores: dict[str, Array]
    predictions_by_aim: dict[str, dict[str, Array]]
    n_test_rows: int


def read_predictions(path: Path) -> SavedPredictions:
    """Read the predictions of all methods.

    Parameters
    ----------
    path : Path
        A ``predictions.parquet``, or the folder that contains it.

    Raises
    ------
    InputError
        If the file cannot be read, or is no file of predictions.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = path / "predictions.parquet" if path.is_dir() else path
    try:
        content = pq.read_table(file)
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{file}: cannot be read ({' '.join(str(error).split())})") from None
    metadata = {
        key.decode(): value.decode() for key, value in (content.schema.metadata or {}).items()
    }
    version = metadata.get("catnocat_predictions")
    if version is None:
        raise InputError(f"{file}: contains no predictions; give a file that `bench` has written")
    if version != str(FORMAT_VERSION):
        raise InputError(
            f"{file}: format version {version}; this version of catnocat reads {FORMAT_VERSION}"
        )
    labels, methods = (tuple(json.loads(metadata[key])) for key in ("labels", "methods"))

    def matrix(name: str) -> Array:
        values: Array = content[name].to_numpy()
        return values.reshape(-1, len(labels))

    first = {name: content[name].to_numpy()[:: len(labels)] for name in ("row", "repeat", "fold")}
    return SavedPredictions(
        tuple(content["image"].to_pylist()[:: len(labels)]),
        first["row"],
        np.column_stack([first["repeat"], first["fold"]]),
        labels,
        matrix("truth"),
        matrix("known"),
        {name: matrix(f"probability:{name}") for name in methods},
        {
            name: {aim: matrix(f"{decision}:{name}") for aim, decision in DECISIONS.items()}
            for name in methods
        },
        int(metadata["test_rows"]),
    )
