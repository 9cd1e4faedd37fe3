r"""Files of a feature store, which are written once and never changed.

A shard is two files: ``<id>.npy`` holds float32 rows, ``<id>.idx`` names the image of each row::

    {"schema": 1, "dimension": 1280, "bytes": 10368, "sha256": "<of the .npy>"}\n
    <32 bytes: sha256 of the first image><32 bytes: of the second> ...
    <32 bytes: sha256 of everything above>

The ``.idx`` file is moved into place last and completes the shard. A crash before that leaves files
that are ignored.

``<check>.bad`` lists images that cannot be read, so that later runs do not try them again. It is
JSON: the digest and the reason of each image. `<check>` is the start of the sha256 of the file,
which detects damage and prevents duplicate files.
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

from ..utils import FeatureError, atomic_write, file_digest, synced_write
from .row_index import DIGEST_BYTES, Digests, as_array

#: Increased when older versions cannot read new shards. For them to report this, the first line
#: must stay JSON with this number, and the last 32 bytes must stay the checksum.
SHARD_SCHEMA = 1

_DTYPE = "<f4"
_HEADER_BYTES = 4096  # at least the header of an ``.npy`` file, which has 128 bytes


@dataclass(frozen=True)
class Shard:
    """Complete shard, as described by its ``.idx`` file; `load` opens the rows."""

    path: Path
    rows: int
    dimension: int
    sha256: str

    @property
    def index(self) -> Path:
        """Path of the ``.idx`` file."""
        return self.path.with_suffix(".idx")

    def load(self) -> np.ndarray:
        """Return the rows as a read-only memory map: float32 (rows, dimension)."""
        try:
            with self.path.open("rb") as file:
                start = _start_of_rows(file.read(_HEADER_BYTES), (self.rows, self.dimension))
            return np.memmap(self.path, _DTYPE, "r", start, (self.rows, self.dimension))
        except ValueError:
            raise FeatureError(
                f"{self.path} does not match its index: remove it with"
                " 'catnocat store gc --drop-damaged' and its rows will be computed again"
            ) from None

    def copy(self, numbers: np.ndarray, vectors: np.ndarray, targets: np.ndarray) -> None:
        """Copy rows into an array.

        Parameters
        ----------
        numbers : numpy.ndarray
            Row numbers, int64 (n,).
        vectors : numpy.ndarray
            Target array, contiguous float32 (any, dimension).
        targets : numpy.ndarray
            Target rows in ascending order, int64 (n,).
        """
        rows = self.load()
        if not (_is_run(numbers) and _is_run(targets)):
            vectors[targets] = rows[numbers]
            return
        # The usual case: images are read in the order in which they were computed. Reading from
        # the file is twice as fast as copying from the memory map.
        remaining = vectors[targets[0] : targets[-1] + 1].data.cast("B")
        with self.path.open("rb", buffering=0) as file:
            file.seek(self.path.stat().st_size - rows[numbers[0] :].nbytes)
            while len(remaining) and (count := file.readinto(remaining)):
                remaining = remaining[count:]
        if len(remaining):
            raise FeatureError(f"{self.path} has become shorter while it was read: try again")


def _start_of_rows(begin: bytes, shape: tuple[int, int]) -> int:
    """Check the header of an ``.npy`` file and return the offset of its rows.

    `numpy.load` parses the header as a Python literal, which is not thread-safe in Python 3.11
    (gh-106905): it occasionally fails with a SystemError.
    """
    size = int.from_bytes(begin[8:10], "little")
    header = begin[10 : 10 + size].decode("latin-1")
    expected = {
        "descr": re.escape(repr(_DTYPE)),
        "fortran_order": "False",
        "shape": re.escape(repr(shape)),
    }
    if not begin.startswith(MAGIC_PREFIX + b"\x01\x00") or not all(
        re.search(rf"'{key}': {value}[,}}]", header) for key, value in expected.items()
    ):
        raise ValueError("not the header of these rows")
    return 10 + size


def _is_run(numbers: np.ndarray) -> bool:
    return bool((np.diff(numbers) == 1).all())


def write_shard(folder: Path, digests: Digests, vectors: np.ndarray) -> Shard:
    """Write rows to a new shard and sync them to disk."""
    rows = np.ascontiguousarray(vectors, dtype=_DTYPE)
    path = folder / f"{uuid.uuid4().hex}.npy"
    try:
        with synced_write(path) as file:
            _save(file, rows)
        shard = Shard(path, len(rows), rows.shape[1], file_digest(path))
        header = {
            "schema": SHARD_SCHEMA,
            "dimension": shard.dimension,
            "bytes": path.stat().st_size,
            "sha256": shard.sha256,
        }
        body = json.dumps(header).encode() + b"\n" + as_array(digests).tobytes()
        with atomic_write(shard.index) as file:
            file.write(body + hashlib.sha256(body).digest())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return shard


def read_shard(index: Path) -> tuple[Shard, np.ndarray] | None:
    """Read an ``.idx`` file; return None if it is damaged or its rows are missing.

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
    # Not `np.save`, which does not report why a write failed.
    write_array_header_1_0(file, header_data_from_array_1_0(rows))
    file.write(rows.data)


def write_failures(folder: Path, failures: dict[bytes, str]) -> Path:
    """Write a file with the digests of unreadable images and the reasons; return its path."""
    text = json.dumps({digest.hex(): failures[digest] for digest in sorted(failures)}, indent=1)
    path = folder / f"{_check(text.encode())}.bad"
    with atomic_write(path) as file:
        file.write(text.encode())
    return path


def read_failures(path: Path) -> dict[bytes, str] | None:
    """Read a ``.bad`` file; return None if it is damaged."""
    content = path.read_bytes()
    if _check(content) != path.stem:
        return None
    try:
        failures = json.loads(content)
        return {bytes.fromhex(digest): str(reason) for digest, reason in failures.items()}
    except (ValueError, AttributeError):
        return None


def _check(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]
