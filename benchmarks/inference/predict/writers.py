"""Predictions as lines of JSON or CSV, or as Parquet."""

import csv
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ...utils import InputError
from .stream import Predictions


class Writer(Protocol):
    """Writes predictions a few at a time."""

    def write(self, some: Predictions) -> None:
        """Write some, and let readers have them at once."""

    def close(self) -> None:
        """Write what belongs at the end; the file stays open."""


def _figure(value: np.floating[Any]) -> float:
    """Give the shortest number that stands for this one and no other of its precision."""
    return float(str(value))


def _order(P: NDArray[Any], top: int | None) -> list[int]:
    """Give the columns that are told: all in their order, or the most probable first."""
    if top is None:
        return list(range(len(P)))
    order: list[int] = np.argsort(-P, kind="stable")[:top].tolist()
    return order


class JsonLines:
    """``{"image", "labels", "probabilities"}`` or ``{"image", "error"}`` a line."""

    def __init__(self, file: IO[bytes], labels: Sequence[str], top: int | None) -> None:
        self.file, self.labels, self.top = file, labels, top

    def write(self, some: Predictions) -> None:
        """Write some lines."""
        lines = []
        for image, error, P, yes in zip(
            some.images, some.errors, some.P, some.decisions, strict=True
        ):
            if error is None:
                told = [self.labels[number] for number in np.flatnonzero(yes).tolist()]
                each = {self.labels[k]: _figure(P[k]) for k in _order(P, self.top)}
                entry = {"image": image, "labels": told, "probabilities": each}
            else:
                entry = {"image": image, "error": error}
            lines.append(_json(entry))
        self.file.write(b"".join(lines))
        self.file.flush()

    def close(self) -> None:
        """Nothing belongs at the end."""


def _json(entry: dict[str, Any]) -> bytes:
    try:
        return json.dumps(entry, ensure_ascii=False, allow_nan=False).encode() + b"\n"
    except UnicodeEncodeError:  # a file's name is any bytes
        return json.dumps(entry, allow_nan=False).encode() + b"\n"


class Csv:
    """Columns ``image``, ``labels`` joined by ``|``, ``error``, and ``p:LABEL`` for each label."""

    def __init__(self, file: IO[bytes], labels: Sequence[str], top: int | None) -> None:
        self.labels, self.top, self.file = labels, top, file
        self._write([_heads(labels)])

    def write(self, some: Predictions) -> None:
        """Write some rows."""
        rows = []
        for image, error, P, yes in zip(
            some.images, some.errors, some.P, some.decisions, strict=True
        ):
            told = "|".join(self.labels[number] for number in np.flatnonzero(yes).tolist())
            cells = [""] * len(P)
            for k in _order(P, self.top) if error is None else ():
                cells[k] = str(P[k])
            rows.append([image, told, error or "", *cells])
        self._write(rows)
        self.file.flush()

    def close(self) -> None:
        """Nothing belongs at the end."""

    def _write(self, rows: list[list[str]]) -> None:
        import io

        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows(rows)
        self.file.write(text.getvalue().encode("utf-8", "surrogateescape"))


class Parquet:
    """The columns of `Csv`, with ``labels`` as lists, nulls for what is not there."""

    def __init__(self, file: IO[bytes], labels: Sequence[str], top: int | None) -> None:
        self.file, self.labels, self.top = file, labels, top
        self._writer: Any = None

    def write(self, some: Predictions) -> None:
        """Write some rows as a group of their own."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        told = np.array(
            [np.isin(np.arange(len(P)), _order(P, self.top)) for P in some.P], dtype=bool
        ).reshape(some.P.shape)
        absent = ~told | np.isnan(some.P)
        chosen = [[self.labels[k] for k in np.flatnonzero(yes).tolist()] for yes in some.decisions]
        columns = [
            pa.array([name.encode("utf-8", "replace").decode() for name in some.images]),
            pa.array(chosen, pa.list_(pa.string())),
            pa.array(some.errors, pa.string()),
            *(pa.array(P, mask=gap) for P, gap in zip(some.P.T, absent.T, strict=True)),
        ]
        table = pa.table(columns, names=_heads(self.labels))
        if self._writer is None:
            self._writer = pq.ParquetWriter(self.file, table.schema)
        self._writer.write_table(table.cast(self._writer.schema))

    def close(self) -> None:
        """Write the footer, without which the file is none."""
        if self._writer is not None:
            self._writer.close()


def _heads(labels: Sequence[str]) -> list[str]:
    return ["image", "labels", "error", *(f"p:{label}" for label in labels)]


WRITERS: dict[str, Callable[[IO[bytes], Sequence[str], int | None], Writer]] = {
    "jsonl": JsonLines,
    "csv": Csv,
    "parquet": Parquet,
}


Named = tuple[str, str]


@contextmanager
def opened_output(path: Path | None) -> Iterator[IO[bytes]]:
    """Open what is to be written; a file appears under its name once all has gone well.

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
        handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    except OSError as error:
        raise InputError(f"--out {path}: cannot be written to ({error.strerror}).") from None
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        umask = os.umask(0)
        os.umask(umask)
        Path(part).chmod(0o666 & ~umask)  # mkstemp's file is nobody else's
        Path(part).replace(path)
    except OSError as error:
        raise InputError(f"--out {path}: cannot be written ({error.strerror}).") from None
    finally:
        Path(part).unlink(missing_ok=True)


def named_from(folder: Path, names: Iterable[Named]) -> Iterator[Named]:
    """Yield names of images relative to a folder, so that a table written there finds the images.

    Absolute names stay as they are.

    Parameters
    ----------
    folder : Path
    names : iterable of (str, str)
        The name and the path of each image.

    Examples
    --------
    >>> list(named_from(Path("/data/out"), [("a.jpg", "/data/photos/a.jpg"), ("/x.jpg", "/x.jpg")]))
    [('../photos/a.jpg', '/data/photos/a.jpg'), ('/x.jpg', '/x.jpg')]
    """
    start = os.path.abspath(folder)  # noqa: PTH100
    for name, path in names:
        target = os.path.abspath(path)  # noqa: PTH100
        here = os.path.normpath(os.path.join(start, name))  # noqa: PTH118
        yield (name if here == target else os.path.relpath(target, start)), path
