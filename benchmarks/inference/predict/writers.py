"""Writers of predictions: JSON Lines, CSV and Parquet."""

import csv
import io
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ...utils import InputError, atomic_write
from .stream import PredictionBatch


class Writer(Protocol):
    """A writer of predictions, batch by batch."""

    def write(self, batch: PredictionBatch) -> None:
        """Write a batch and flush it."""

    def close(self) -> None:
        """Write the end of the file; the file stays open."""


def _shortest(value: np.floating[Any]) -> float:
    """Return the number with the fewest digits that identifies a value of its precision."""
    return float(str(value))


def _reported_columns(P: NDArray[Any], top: int | None) -> list[int]:
    """Return all columns in order, or those of the highest probabilities."""
    if top is None:
        return list(range(len(P)))
    order: list[int] = np.argsort(-P, kind="stable")[:top].tolist()
    return order


class JsonLinesWriter:
    """One line ``{"image", "labels", "probabilities"}`` or ``{"image", "error"}`` per image."""

    def __init__(self, file: IO[bytes], labels: Sequence[str], top: int | None) -> None:
        self.file, self.labels, self.top = file, labels, top

    def write(self, batch: PredictionBatch) -> None:
        """Write one line per image."""
        lines = []
        for image, error, P, Y in zip(batch.images, batch.errors, batch.P, batch.Y, strict=True):
            if error is None:
                entry = {
                    "image": image,
                    "labels": [self.labels[column] for column in np.flatnonzero(Y).tolist()],
                    "probabilities": {
                        self.labels[column]: _shortest(P[column])
                        for column in _reported_columns(P, self.top)
                    },
                }
            else:
                entry = {"image": image, "error": error}
            lines.append(_json_line(entry))
        self.file.write(b"".join(lines))
        self.file.flush()

    def close(self) -> None:
        """Do nothing: the format has no footer."""


def _json_line(entry: dict[str, Any]) -> bytes:
    try:
        return json.dumps(entry, ensure_ascii=False, allow_nan=False).encode() + b"\n"
    except UnicodeEncodeError:  # file names need not be valid UTF-8
        return json.dumps(entry, allow_nan=False).encode() + b"\n"


class CsvWriter:
    """Columns ``image``, ``labels`` joined by ``|``, ``error``, and ``p:LABEL`` for each label."""

    def __init__(self, file: IO[bytes], labels: Sequence[str], top: int | None) -> None:
        self.labels, self.top, self.file = labels, top, file
        self._write_rows([_header(labels)])

    def write(self, batch: PredictionBatch) -> None:
        """Write one row per image."""
        rows = []
        for image, error, P, Y in zip(batch.images, batch.errors, batch.P, batch.Y, strict=True):
            predicted = "|".join(self.labels[column] for column in np.flatnonzero(Y).tolist())
            cells = [""] * len(P)
            for column in _reported_columns(P, self.top) if error is None else ():
                cells[column] = str(P[column])
            rows.append([image, predicted, error or "", *cells])
        self._write_rows(rows)
        self.file.flush()

    def close(self) -> None:
        """Do nothing: the format has no footer."""

    def _write_rows(self, rows: list[list[str]]) -> None:
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows(rows)
        self.file.write(text.getvalue().encode("utf-8", "surrogateescape"))


class ParquetWriter:
    """The columns of `CsvWriter`, with ``labels`` as lists and nulls for missing values."""

    def __init__(self, file: IO[bytes], labels: Sequence[str], top: int | None) -> None:
        self.file, self.labels, self.top = file, labels, top
        self._writer: Any = None

    def write(self, batch: PredictionBatch) -> None:
        """Write a row group."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        reported = np.array(
            [np.isin(np.arange(len(P)), _reported_columns(P, self.top)) for P in batch.P],
            dtype=bool,
        ).reshape(batch.P.shape)
        missing = ~reported | np.isnan(batch.P)
        predicted = [
            [self.labels[column] for column in np.flatnonzero(Y).tolist()] for Y in batch.Y
        ]
        columns = [
            pa.array([name.encode("utf-8", "replace").decode() for name in batch.images]),
            pa.array(predicted, pa.list_(pa.string())),
            pa.array(batch.errors, pa.string()),
            *(pa.array(P, mask=mask) for P, mask in zip(batch.P.T, missing.T, strict=True)),
        ]
        table = pa.table(columns, names=_header(self.labels))
        if self._writer is None:
            self._writer = pq.ParquetWriter(self.file, table.schema)
        self._writer.write_table(table.cast(self._writer.schema))

    def close(self) -> None:
        """Write the footer, without which the file is invalid."""
        if self._writer is not None:
            self._writer.close()


def _header(labels: Sequence[str]) -> list[str]:
    return ["image", "labels", "error", *(f"p:{label}" for label in labels)]


WRITERS: dict[str, Callable[[IO[bytes], Sequence[str], int | None], Writer]] = {
    "jsonl": JsonLinesWriter,
    "csv": CsvWriter,
    "parquet": ParquetWriter,
}


@contextmanager
def open_output(path: Path | None) -> Iterator[IO[bytes]]:
    """Open the output; a file appears under its name only when it is complete.

    Parameters
    ----------
    path : Path or None
        None: standard output.
    """
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(path) as file:
            yield file
    except OSError as error:
        raise InputError(f"--out {path}: cannot be written ({error.strerror}).") from None


def relative_names(folder: Path, names: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield names of images relative to a folder, so that a table written there finds the images.

    Absolute names are unchanged.

    Parameters
    ----------
    folder : Path
    names : iterable of (str, str)
        The name and the path of each image.

    Examples
    --------
    >>> images = [("a.jpg", "/data/images/a.jpg"), ("/x.jpg", "/x.jpg")]
    >>> list(relative_names(Path("/data/out"), images))
    [('../images/a.jpg', '/data/images/a.jpg'), ('/x.jpg', '/x.jpg')]
    """
    start = os.path.abspath(folder)  # noqa: PTH100
    for name, path in names:
        target = os.path.abspath(path)  # noqa: PTH100
        resolved = os.path.normpath(os.path.join(start, name))  # noqa: PTH118
        yield (name if resolved == target else os.path.relpath(target, start)), path
