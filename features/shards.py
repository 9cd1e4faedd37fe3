r"""One shard of a feature store: rows that are written once and never changed.

``<id>.npy`` holds float32 rows. ``<id>.idx`` says which picture each row belongs to::

    {"schema": 1, "dimension": 1280, "bytes": 10368, "sha256": "<of the .npy>"}\n
    <32 bytes: sha256 of the first picture><32 bytes: of the second> ...
    <32 bytes: sha256 of everything above>

The ``.idx`` is moved into place last: a shard exists once it does, and a crash before that leaves
files that nobody reads. ``<id>.bad`` is JSON: the pictures that cannot be read, each with why.
"""

import hashlib
import json
import os
import uuid
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .errors import FeatureError

SHARD_SCHEMA = 1
_DIGEST = 32


@dataclass(frozen=True)
class Shard:
    """A finished shard, as its ``.idx`` describes it; `load` opens the rows."""

    path: Path
    digests: list[bytes]
    dimension: int
    sha256: str

    def load(self) -> np.ndarray:
        """Map the rows into memory, read-only: float32 (rows, dimension)."""
        rows: np.ndarray = np.load(self.path, mmap_mode="r", allow_pickle=False)
        if rows.shape != (len(self.digests), self.dimension) or rows.dtype != np.float32:
            raise FeatureError(f"{self.path} does not hold what its index says: remove both files")
        return rows


def write_shard(folder: Path, digests: list[bytes], vectors: np.ndarray) -> Shard:
    """Write rows so that they are found again whatever happens after this returns."""
    rows = np.ascontiguousarray(vectors, dtype=np.float32)
    path = folder / f"{uuid.uuid4().hex}.npy"
    with path.open("xb") as file:
        np.save(file, rows)
        file.flush()
        os.fsync(file.fileno())
    shard = Shard(path, list(digests), rows.shape[1], _sha256(path))
    header = {
        "schema": SHARD_SCHEMA,
        "dimension": shard.dimension,
        "bytes": path.stat().st_size,
        "sha256": shard.sha256,
    }
    body = json.dumps(header).encode() + b"\n" + b"".join(digests)
    write_whole(path.with_suffix(".idx"), body + hashlib.sha256(body).digest())
    return shard


def read_shard(index: Path) -> Shard | None:
    """Read an ``.idx``; None when it is damaged or its rows are gone: they are computed anew."""
    data = index.read_bytes()
    end = data.find(b"\n")
    try:
        header = json.loads(data[: max(end, 0)])
        schema, dimension, size = header["schema"], header["dimension"], header["bytes"]
        sha256 = header["sha256"]
    except (ValueError, KeyError, TypeError):
        return None
    body, check = data[:-_DIGEST], data[-_DIGEST:]
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
    packed = np.frombuffer(body, dtype=f"V{_DIGEST}", offset=end + 1)
    return Shard(path, packed.tolist(), dimension, sha256)


def write_failures(folder: Path, failures: dict[bytes, str]) -> None:
    """Note for good which pictures cannot be read."""
    text = json.dumps({digest.hex(): reason for digest, reason in failures.items()}, indent=1)
    write_whole(folder / f"{uuid.uuid4().hex}.bad", text.encode())


def read_failures(path: Path) -> dict[bytes, str]:
    """Read a ``.bad``; nothing when it is damaged."""
    try:
        known = json.loads(path.read_bytes())
        return {bytes.fromhex(digest): str(reason) for digest, reason in known.items()}
    except (ValueError, AttributeError):
        return {}


def write_whole(path: Path, data: bytes) -> None:
    """Write a file that is either whole or not there, even if the power fails."""
    part = path.with_name(f"{path.name}.{uuid.uuid4().hex}.part")
    try:
        with part.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    if os.name == "posix":  # elsewhere a folder cannot be opened
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
