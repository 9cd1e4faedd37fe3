r"""One shard of a feature store: rows that are written once and never changed.

``<id>.npy`` holds float32 rows. ``<id>.idx`` says which picture each row belongs to::

    {"schema": 1, "dimension": 1280, "bytes": 10368, "sha256": "<of the .npy>"}\n
    <32 bytes: sha256 of the first picture><32 bytes: of the second> ...
    <32 bytes: sha256 of everything above>

The ``.idx`` is moved into place last: a shard exists once it does, and a crash before that leaves
files that nobody reads.
"""

import hashlib
import json
import re
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.lib.format import MAGIC_PREFIX, header_data_from_array_1_0, write_array_header_1_0

from ..utils import FeatureError, file_digest, write_synced, write_whole
from .row_index import DIGEST_BYTES, Digests, as_array

#: Raised when older programs could not read a shard. The first line stays JSON with this number,
#: and the last 32 bytes stay the checksum, so that they can say so.
SHARD_SCHEMA = 1

_DTYPE = "<f4"
_HEADER_BYTES = 4096  # of an ``.npy`` it is 128 bytes long


@dataclass(frozen=True)
class Shard:
    """A finished shard, as its ``.idx`` describes it; `load` opens the rows."""

    path: Path
    rows: int
    dimension: int
    sha256: str

    @property
    def index(self) -> Path:
        """The file that says which rows these are."""
        return self.path.with_suffix(".idx")

    def load(self) -> np.ndarray:
        """Map the rows into memory, read-only: float32 (rows, dimension)."""
        try:
            with self.path.open("rb") as file:
                start = _start_of_rows(file.read(_HEADER_BYTES), (self.rows, self.dimension))
            return np.memmap(self.path, _DTYPE, "r", start, (self.rows, self.dimension))
        except ValueError:
            raise FeatureError(
                f"{self.path} does not hold what its index says: remove it with"
                " 'catnocat store gc --drop-damaged', its rows will be computed anew"
            ) from None

    def copy(self, numbers: np.ndarray, vectors: np.ndarray, places: np.ndarray) -> None:
        """Copy rows to places of an array.

        Parameters
        ----------
        numbers : numpy.ndarray
            Of the rows, int64 (n,).
        vectors : numpy.ndarray
            Contiguous float32 (any, dimension).
        places : numpy.ndarray
            Ascending, int64 (n,).
        """
        rows = self.load()
        if not (_is_run(numbers) and _is_run(places)):
            vectors[places] = rows[numbers]
            return
        # The usual case: pictures are asked for in the order in which they were computed. Reading
        # is twice as fast as copying what is mapped.
        wanted = vectors[places[0] : places[-1] + 1].data.cast("B")
        with self.path.open("rb", buffering=0) as file:
            file.seek(self.path.stat().st_size - rows[numbers[0] :].nbytes)
            while len(wanted) and (count := file.readinto(wanted)):
                wanted = wanted[count:]
        if len(wanted):
            raise FeatureError(f"{self.path} has become shorter while it was read: try again")


def _start_of_rows(begin: bytes, shape: tuple[int, int]) -> int:
    """Check the header of an ``.npy`` and give the place where its rows start.

    `numpy.load` reads the header as a Python literal, which threads of Python 3.11 cannot do at the
    same time (gh-106905): it fails with a SystemError once in a while.
    """
    size = int.from_bytes(begin[8:10], "little")
    header = begin[10 : 10 + size].decode("latin-1")
    wanted = {
        "descr": re.escape(repr(_DTYPE)),
        "fortran_order": "False",
        "shape": re.escape(repr(shape)),
    }
    if not begin.startswith(MAGIC_PREFIX + b"\x01\x00") or not all(
        re.search(rf"'{key}': {value}[,}}]", header) for key, value in wanted.items()
    ):
        raise ValueError("not the header of these rows")
    return 10 + size


def _is_run(numbers: np.ndarray) -> bool:
    return bool((np.diff(numbers) == 1).all())


def write_shard(folder: Path, digests: Digests, vectors: np.ndarray) -> Shard:
    """Write rows so that they are found again whatever happens after this returns."""
    rows = np.ascontiguousarray(vectors, dtype=_DTYPE)
    path = folder / f"{uuid.uuid4().hex}.npy"
    try:
        write_synced(path, lambda file: _save(file, rows))
        shard = Shard(path, len(rows), rows.shape[1], file_digest(path))
        header = {
            "schema": SHARD_SCHEMA,
            "dimension": shard.dimension,
            "bytes": path.stat().st_size,
            "sha256": shard.sha256,
        }
        body = json.dumps(header).encode() + b"\n" + as_array(digests).tobytes()
        write_whole(shard.index, body + hashlib.sha256(body).digest())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return shard


def read_shard(index: Path) -> tuple[Shard, np.ndarray] | None:
    """Read an ``.idx``; None when it is damaged or its rows are gone: they are computed anew.

    Returns
    -------
    tuple of Shard and numpy.ndarray, or None
        The shard and the digests of its rows, uint8 (n, 32).
    """
    data = index.read_bytes()
    end = data.find(b"\n")
    try:
        header = json.loads(data[: max(end, 0)])
        schema, dimension, size = header["schema"], header["dimension"], header["bytes"]
        sha256 = header["sha256"]
    except (ValueError, KeyError, TypeError):
        return None
    body, check = data[:-DIGEST_BYTES], data[-DIGEST_BYTES:]
    if hashlib.sha256(body).digest() != check:
        return None
    if schema > SHARD_SCHEMA:
        raise FeatureError(
            f"{index.parent} was written by a newer catnocat (schema {schema}, this one knows"
            f" {SHARD_SCHEMA}): update catnocat or use another store"
        )
    path = index.with_suffix(".npy")
    if not path.exists() or path.stat().st_size != size:
        return None
    digests = np.frombuffer(body, np.uint8, offset=end + 1).reshape(-1, DIGEST_BYTES)
    return Shard(path, len(digests), dimension, sha256), digests


def _save(file: BinaryIO, rows: np.ndarray) -> None:
    # `np.save` would not say why a disk refuses.
    write_array_header_1_0(file, header_data_from_array_1_0(rows))
    file.write(rows.data)
