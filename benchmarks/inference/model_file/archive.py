"""A few named members in one file: a zip that is read only if it is exactly as it was written.

Its members are stored as they are, without gaps, and its comment is the sha256 of all bytes before.
So every reader of zip files opens it, a changed byte is found wherever it is, and there is no
second way to read it: nothing is unpacked, nothing grows, no name in it is ever a path.
"""

import hashlib
import io
import json
import os
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from .json_and_arrays import RefusalError, read_json

#: Raised when an older catnocat could not read the file any more; see `loaders`.
PROTOCOL = 2
MANIFEST = "catnocat.json"
MAX_BYTES = 4 * 2**30
MAX_MANIFEST = 1 << 16
_MAX_MEMBERS = 16
_SEAL = b"catnocat sha256:"
_SEALED = len(_SEAL) + 64
_BLOCK = 1 << 20
# What a zip needs besides its members' bytes and names, for each of these and once.
_PER_MEMBER, _END = 30 + 46, 22


def write_archive(path: Path, about: Mapping[str, Any], members: Mapping[str, bytes]) -> None:
    """Write a file whole or not at all.

    Parameters
    ----------
    path : Path
    about : mapping
        Goes into the manifest beside the protocol and the members' checksums.
    members : mapping of str to bytes
    """
    sums = {
        name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in members.items()
    }
    manifest = {"format": "catnocat model", "protocol": PROTOCOL, **about, "members": sums}
    text = json.dumps(manifest, indent=1, ensure_ascii=False, allow_nan=False).encode()
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "w+b") as file:
            _write_zip(file, {MANIFEST: text, **members})
            _seal(file)
            file.flush()
            os.fsync(file.fileno())
        umask = os.umask(0)
        os.umask(umask)
        Path(part).chmod(0o666 & ~umask)  # mkstemp's file is nobody else's
        Path(part).replace(path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


def read_archive(path: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Read a file that is whole.

    Returns
    -------
    manifest : dict
    members : dict of str to bytes

    Raises
    ------
    RefusalError
        If it is anything else than what `write_archive` writes, or of a newer protocol.
    OSError
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size > MAX_BYTES:
            raise RefusalError(f"{size:,} bytes are more than a model may have ({MAX_BYTES:,})")
        _check_seal(file, size)
        try:
            with zipfile.ZipFile(file) as archive:
                _check_layout(archive.infolist(), size)
                manifest = _manifest(archive)
                members = {
                    name: archive.read(name) for name in archive.namelist() if name != MANIFEST
                }
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
            raise RefusalError(f"damaged: {error}") from None
    _check_members(manifest, members)
    return manifest, members


def _write_zip(file: IO[bytes], members: Mapping[str, bytes]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=False) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name)  # of 1980: the same model is the same file
            info.external_attr = 0o644 << 16
            archive.writestr(info, data)
        archive.comment = b" " * _SEALED


def _seal(file: IO[bytes]) -> None:
    end = file.seek(0, io.SEEK_END) - _SEALED
    digest = _digest(file, end)
    file.seek(end)
    file.write(_SEAL + digest)


def _check_seal(file: IO[bytes], size: int) -> None:
    file.seek(max(0, size - _SEALED))
    seal = file.read(_SEALED)
    if len(seal) < _SEALED or not seal.startswith(_SEAL):
        raise RefusalError(_other_file(file))
    if _digest(file, size - _SEALED) != seal[len(_SEAL) :]:
        raise RefusalError("damaged: its bytes are not those that were written")
    file.seek(0)


def _other_file(file: IO[bytes]) -> str:
    file.seek(0)
    start = file.read(4)
    if not start:
        return "the file is empty"
    if start[:1] == b"\x80":
        return "not a catnocat model but a pickle, which is never loaded: it could run any program"
    if start == b"PK\x03\x04":
        return "not a whole catnocat model: cut short, changed, or another kind of zip"
    return "not a catnocat model"


def _digest(file: IO[bytes], end: int) -> bytes:
    file.seek(0)
    total = hashlib.sha256()
    while end > 0:
        block = file.read(min(_BLOCK, end))
        if not block:
            break
        total.update(block)
        end -= len(block)
    return total.hexdigest().encode()


def _check_layout(infos: list[zipfile.ZipInfo], size: int) -> None:
    """Hold the zip to the one form in which it is written."""
    names = [info.filename for info in infos]
    if len(names) > _MAX_MEMBERS or len(set(names)) < len(names):
        raise RefusalError("damaged: its members are not those of a model")
    place = 0
    for info in infos:
        plain = (
            info.compress_type == zipfile.ZIP_STORED
            and info.compress_size == info.file_size
            and not info.flag_bits
            and not info.extra
            and not info.comment
            and info.external_attr == 0o644 << 16
            and info.header_offset == place
            and info.filename.isascii()
        )
        if not plain:
            raise RefusalError(f"damaged: its member {info.filename[:80]!r} is not stored plainly")
        place += 30 + len(info.filename) + info.file_size
    total = sum(_PER_MEMBER + 2 * len(info.filename) + info.file_size for info in infos)
    if total + _END + _SEALED != size:
        raise RefusalError("damaged: it holds more than its members")


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    infos = archive.infolist()
    if not infos or infos[0].filename != MANIFEST or infos[0].file_size > MAX_MANIFEST:
        raise RefusalError("not a catnocat model: it does not begin with catnocat.json")
    manifest = read_json(archive.read(MANIFEST), MANIFEST)
    if not isinstance(manifest, dict) or manifest.get("format") != "catnocat model":
        raise RefusalError("not a catnocat model: catnocat.json says something else")
    protocol = manifest.get("protocol")
    if type(protocol) is not int or protocol < 1:
        raise RefusalError(f"damaged: its protocol is {protocol!r}")
    if protocol > PROTOCOL:
        raise RefusalError(
            f"written in protocol {protocol} by a newer catnocat; this one reads up to {PROTOCOL}:"
            " pip install --upgrade catnocat"
        )
    return manifest


def _check_members(manifest: dict[str, Any], members: dict[str, bytes]) -> None:
    sums = {
        name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in members.items()
    }
    if manifest.get("members") != sums:
        raise RefusalError("damaged: its members are not those that catnocat.json lists")
