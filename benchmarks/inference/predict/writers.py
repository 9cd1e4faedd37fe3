"""Writers of predictions: JSON Lines, CSV, Parquet, and a table for the terminal."""

import csv
import io
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ...utils import InputError, atomic_write, create_folder
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
    """One line ``{"image", "labels", "probabilities"}`` or ``{"image", "error"}`` per image.

    Lines of images that are unlike the training images also have ``"unlike_training": true``.
    """

    def __init__(self, file: IO[bytes], labels: Sequence[str], top: int | None) -> None:
        self.file, self.labels, self.top = file, labels, top

    def write(self, batch: PredictionBatch) -> None:
        """Write one line per image."""
        lines = []
        for row, (image, error) in enumerate(zip(batch.images, batch.errors, strict=True)):
            P, Y = batch.P[row], batch.Y[row]
            if error is None:
                entry: dict[str, Any] = {
                    "image": image,
                    "labels": [self.labels[column] for column in np.flatnonzero(Y).tolist()],
                    "probabilities": {
                        self.labels[column]: _shortest(P[column])
                        for column in _reported_columns(P, self.top)
                    },
                }
                if batch.unlike is not None and batch.unlike[row]:
                    entry["unlike_training"] = True
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
    """Columns ``image``, ``labels`` joined by ``|``, ``error``, and ``p:LABEL`` for each label.

    With a detector, the column ``unlike_training`` has 1 for images unlike the training images.

    Parameters
    ----------
    excel_safe : bool
        Write an apostrophe before texts that spreadsheets would run as formulas.
    """

    def __init__(
        self,
        file: IO[bytes],
        labels: Sequence[str],
        top: int | None,
        has_detector: bool = False,
        excel_safe: bool = False,
    ) -> None:
        self.labels, self.top, self.file = labels, top, file
        self._has_detector, self._excel_safe = has_detector, excel_safe
        self._write_rows([_header(labels, has_detector)])

    def write(self, batch: PredictionBatch) -> None:
        """Write one row per image."""
        rows = []
        for row, (image, error) in enumerate(zip(batch.images, batch.errors, strict=True)):
            P, Y = batch.P[row], batch.Y[row]
            predicted = "|".join(self.labels[column] for column in np.flatnonzero(Y).tolist())
            cells = [""] * len(P)
            for column in _reported_columns(P, self.top) if error is None else ():
                cells[column] = str(P[column])
            flag = [] if batch.unlike is None else [str(int(batch.unlike[row]))]
            rows.append([image, predicted, error or "", *flag, *cells])
        self._write_rows(rows)
        self.file.flush()

    def close(self) -> None:
        """Do nothing: the format has no footer."""

    def _write_rows(self, rows: list[list[str]]) -> None:
        if self._excel_safe:
            rows = [[quote_formula(cell) for cell in row] for row in rows]
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows(rows)
        self.file.write(text.getvalue().encode("utf-8", "surrogateescape"))


def quote_formula(cell: str) -> str:
    """Return a cell with an apostrophe before it if spreadsheets would run it as a formula.

    Examples
    --------
    >>> quote_formula("=cmd()"), quote_formula("-1.jpg"), quote_formula("0.5")
    ("'=cmd()", "'-1.jpg", '0.5')
    """
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


class ParquetWriter:
    """The columns of `CsvWriter`, with ``labels`` as lists and nulls for missing values."""

    def __init__(
        self, file: IO[bytes], labels: Sequence[str], top: int | None, has_detector: bool = False
    ) -> None:
        self.file, self.labels, self.top = file, labels, top
        self._has_detector = has_detector
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
            *([] if batch.unlike is None else [pa.array(batch.unlike)]),
            *(pa.array(P, mask=mask) for P, mask in zip(batch.P.T, missing.T, strict=True)),
        ]
        table = pa.table(columns, names=_header(self.labels, self._has_detector))
        if self._writer is None:
            self._writer = pq.ParquetWriter(self.file, table.schema)
        self._writer.write_table(table.cast(self._writer.schema))

    def close(self) -> None:
        """Write the footer, without which the file is invalid."""
        if self._writer is not None:
            self._writer.close()


class TableWriter:
    """A readable table: the image, and its predicted labels with their probabilities."""

    def __init__(
        self, file: IO[bytes], labels: Sequence[str], top: int | None, color: bool = False
    ) -> None:
        self.file, self.labels, self.top, self._color = file, labels, top, color
        self._width = 0

    def write(self, batch: PredictionBatch) -> None:
        """Write one line per image."""
        names = [printable(name) for name in batch.images]
        self._width = max(self._width, min(_MAX_NAME, max(map(len, names))))
        lines = []
        for row, name in enumerate(names):
            if (error := batch.errors[row]) is not None:
                text, style = f"not read: {printable(error)}", _RED
            else:
                text, style = self._describe(batch.P[row], batch.Y[row]), ""
                if batch.unlike is not None and batch.unlike[row]:
                    text, style = f"{text}  (unlike the training images)", _YELLOW
            if style and self._color:
                text = f"{style}{text}{_RESET}"
            lines.append(f"{_shorten(name):<{self._width}}  {text}")
        self.file.write("".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace"))
        self.file.flush()

    def close(self) -> None:
        """Do nothing: the table has no footer."""

    def _describe(self, P: NDArray[Any], Y: NDArray[Any]) -> str:
        """Return the predicted labels, or with `top` the most probable ones."""
        columns = np.flatnonzero(Y) if self.top is None else np.argsort(-P)[: self.top]
        ordered = sorted(columns.tolist(), key=lambda column: -P[column])
        entries = [
            f"{printable(self.labels[column])} {100 * P[column]:.0f} %" for column in ordered
        ]
        return ", ".join(entries) or "no label"


_MAX_NAME = 48
_RED, _YELLOW, _RESET = "\x1b[31m", "\x1b[33m", "\x1b[0m"


def printable(text: str) -> str:
    r"""Return a text without control characters, terminal escapes and changes of direction.

    Examples
    --------
    >>> printable("a\x1b[2Jb.jpg"), printable("été.jpg")
    ('a\\x1b[2Jb.jpg', 'été.jpg')
    """
    return "".join(
        character if character.isprintable() else ascii(character)[1:-1] for character in text
    )


def _shorten(name: str) -> str:
    return name if len(name) <= _MAX_NAME else f"…{name[1 - _MAX_NAME :]}"


def _header(labels: Sequence[str], has_detector: bool) -> list[str]:
    flag = ["unlike_training"] if has_detector else []
    return ["image", "labels", "error", *flag, *(f"p:{label}" for label in labels)]


FORMATS = ("jsonl", "csv", "parquet", "table")


def make_writer(
    format: str,
    file: IO[bytes],
    labels: Sequence[str],
    *,
    top: int | None = None,
    has_detector: bool = False,
    excel_safe: bool = False,
    color: bool = False,
) -> Writer:
    """Return the writer of a format.

    Parameters
    ----------
    format : {"jsonl", "csv", "parquet", "table"}
    file : binary file
    labels : sequence of str
    top : int, optional
        Write only this many probabilities, the highest first.
    has_detector : bool
        Whether the predictions have `PredictionBatch.unlike`.
    excel_safe : bool
        For CSV: quote texts that spreadsheets would run as formulas.
    color : bool
        For the table: use colours of the terminal.
    """
    if format == "csv":
        return CsvWriter(file, labels, top, has_detector, excel_safe)
    if format == "parquet":
        return ParquetWriter(file, labels, top, has_detector)
    if format == "table":
        return TableWriter(file, labels, top, color)
    return JsonLinesWriter(file, labels, top)


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
        create_folder(path.parent)
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
