"""The archive of a model file, its JSON and its arrays.

The archive is a zip that is accepted only in the exact form it is written in. Members are stored
uncompressed and without gaps. The zip comment is the SHA-256 of all bytes before it. Therefore any
zip reader opens the file, every changed byte is detected, nothing is decompressed and no member
name is used as a path.
"""

import hashlib
import io
import json
import os
import platform
import zipfile
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from os import PathLike
from pathlib import Path
from typing import IO, Any

import numpy as np
import safetensors
from numpy.typing import NDArray

from .... import __version__
from ...utils import InputError, atomic_write


class ModelError(InputError):
    """A model file cannot be used; the message names the file and the reason in one line."""


class InvalidModelFileError(ValueError):
    """The content of a model file is invalid; raised where the file's name is not known."""


def model_error(path: str | PathLike[str], reason: object) -> ModelError:
    """Return the error that names the file and the reason."""
    line = " ".join(str(reason).split())
    return ModelError(f"{path}: {line[:300]}")


def read_json(data: bytes, name: str) -> Any:
    """Parse JSON without duplicate names, NaN or excessive nesting.

    Raises
    ------
    InvalidModelFileError
    """
    try:
        return json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_without_duplicates,
            parse_constant=_reject_constant,
        )
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else error
        raise InvalidModelFileError(f"damaged: {name} is not valid JSON ({reason})") from None


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("duplicate name")
    return members


def _reject_constant(text: str) -> Any:
    raise ValueError(f"{text} is not a number")


_DTYPES = {
    "BOOL": np.bool_,
    "U8": np.uint8,
    "I8": np.int8,
    "U16": np.uint16,
    "I16": np.int16,
    "U32": np.uint32,
    "I32": np.int32,
    "U64": np.uint64,
    "I64": np.int64,
    "F16": np.float16,
    "F32": np.float32,
    "F64": np.float64,
}


def pack(arrays: dict[str, NDArray[Any]]) -> bytes:
    """Return named arrays as the bytes of a safetensors file."""
    from safetensors.numpy import save

    return save(arrays)


def unpack(data: bytes) -> dict[str, NDArray[Any]]:
    """Read named arrays from the bytes of a safetensors file.

    Raises
    ------
    InvalidModelFileError
        If the bytes are not a safetensors file, or hold NaN or an unsupported type.
    """
    try:
        deserialize: Any = safetensors.deserialize
        tensors = deserialize(data)
    except Exception as error:  # safetensors has its own exception types
        raise InvalidModelFileError(f"damaged: its arrays cannot be read ({error})") from None
    arrays = {}
    for name, tensor in tensors:
        dtype = _DTYPES.get(tensor["dtype"])
        if dtype is None:
            raise InvalidModelFileError(f"damaged: unsupported array type {tensor['dtype']}")
        array = np.frombuffer(tensor["data"], dtype).reshape(tensor["shape"])
        if array.dtype == np.bool_ and (array.view(np.uint8) > 1).any():
            raise InvalidModelFileError("damaged: a boolean is neither 0 nor 1")
        if array.dtype.kind == "f" and np.isnan(array).any():
            raise InvalidModelFileError("damaged: an array contains NaN")
        arrays[name] = array
    return arrays


_LIBRARIES = ("numpy", "scikit-learn", "scipy", "torch", "openvino", "pillow", "simplejpeg")


def library_versions() -> dict[str, str]:
    """Return the versions of all libraries that can affect the predictions of a model."""
    versions = {"catnocat": __version__, "python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:  # openvino and simplejpeg are optional
            continue
    return versions


#: Version of the file format. Raised when older versions of catnocat would misread the file;
#: `LOADERS` in model_record.py keeps a loader for every version.
FORMAT_VERSION = 3
MANIFEST = "catnocat.json"
# The manifest's member for the format version. Its name cannot change: existing files use it.
_VERSION_MEMBER = "protocol"
MAX_BYTES = 4 * 2**30
MAX_MANIFEST = 1 << 16
_MAX_MEMBERS = 16
_SEAL = b"catnocat sha256:"
_SEAL_BYTES = len(_SEAL) + 64
_BLOCK = 1 << 20
# Bytes of zip headers per member, without its name, and of the end record.
_BYTES_PER_MEMBER, _END_BYTES = 30 + 46, 22


def write_archive(path: Path, about: Mapping[str, Any], members: Mapping[str, bytes]) -> None:
    """Write the archive atomically.

    Parameters
    ----------
    path : Path
    about : mapping
        Further members of the manifest, next to the format version and the checksums.
    members : mapping of str to bytes
    """
    manifest = {
        "format": "catnocat model",
        _VERSION_MEMBER: FORMAT_VERSION,
        **about,
        "members": _checksums(members),
    }
    text = json.dumps(manifest, indent=1, ensure_ascii=False, allow_nan=False).encode()
    with atomic_write(path) as file:
        _write_zip(file, {MANIFEST: text, **members})
        _seal(file)


def read_archive(path: Path) -> tuple[int, dict[str, Any], dict[str, bytes]]:
    """Read and verify an archive.

    Returns
    -------
    format_version : int
    manifest : dict
    members : dict of str to bytes

    Raises
    ------
    InvalidModelFileError
        If the file differs from what `write_archive` writes, or has a newer format version.
    OSError
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size > MAX_BYTES:
            raise InvalidModelFileError(f"{size:,} bytes exceed the limit of {MAX_BYTES:,}")
        _check_seal(file, size)
        try:
            with zipfile.ZipFile(file) as archive:
                _check_layout(archive.infolist(), size)
                manifest = _read_manifest(archive)
                members = {
                    name: archive.read(name) for name in archive.namelist() if name != MANIFEST
                }
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
            raise InvalidModelFileError(f"damaged: {error}") from None
    if manifest.get("members") != _checksums(members):
        raise InvalidModelFileError("damaged: its members differ from those in catnocat.json")
    return manifest[_VERSION_MEMBER], manifest, members


def _checksums(members: Mapping[str, bytes]) -> dict[str, dict[str, Any]]:
    return {
        name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in members.items()
    }


def _write_zip(file: IO[bytes], members: Mapping[str, bytes]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=False) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name)  # dated 1980, so that equal models are equal files
            info.external_attr = 0o644 << 16
            archive.writestr(info, data)
        archive.comment = b" " * _SEAL_BYTES


def _seal(file: IO[bytes]) -> None:
    end = file.seek(0, io.SEEK_END) - _SEAL_BYTES
    digest = _digest(file, end)
    file.seek(end)
    file.write(_SEAL + digest)


def _check_seal(file: IO[bytes], size: int) -> None:
    file.seek(max(0, size - _SEAL_BYTES))
    seal = file.read(_SEAL_BYTES)
    if len(seal) < _SEAL_BYTES or not seal.startswith(_SEAL):
        raise InvalidModelFileError(_describe_other_file(file))
    if _digest(file, size - _SEAL_BYTES) != seal[len(_SEAL) :]:
        raise InvalidModelFileError("damaged: its bytes do not match its checksum")
    file.seek(0)


def _describe_other_file(file: IO[bytes]) -> str:
    file.seek(0)
    start = file.read(4)
    if not start:
        return "the file is empty"
    if start[:1] == b"\x80":
        return "not a catnocat model but a pickle; pickles are never loaded: they can run any code"
    if start == b"PK\x03\x04":
        return "not a complete catnocat model: truncated, changed, or another kind of zip"
    return "not a catnocat model"


def _digest(file: IO[bytes], end: int) -> bytes:
    file.seek(0)
    digest = hashlib.sha256()
    while end > 0:
        block = file.read(min(_BLOCK, end))
        if not block:
            break
        digest.update(block)
        end -= len(block)
    return digest.hexdigest().encode()


def _check_layout(infos: list[zipfile.ZipInfo], size: int) -> None:
    """Check that the zip has the one form in which it is written."""
    names = [info.filename for info in infos]
    if len(names) > _MAX_MEMBERS or len(set(names)) < len(names):
        raise InvalidModelFileError("damaged: its members are not those of a model")
    offset = 0
    for info in infos:
        is_plain = (
            info.compress_type == zipfile.ZIP_STORED
            and info.compress_size == info.file_size
            and not info.flag_bits
            and not info.extra
            and not info.comment
            and info.external_attr == 0o644 << 16
            and info.header_offset == offset
            and info.filename.isascii()
        )
        if not is_plain:
            raise InvalidModelFileError(
                f"damaged: its member {info.filename[:80]!r} is not stored uncompressed in place"
            )
        offset += 30 + len(info.filename) + info.file_size
    total = sum(_BYTES_PER_MEMBER + 2 * len(info.filename) + info.file_size for info in infos)
    if total + _END_BYTES + _SEAL_BYTES != size:
        raise InvalidModelFileError("damaged: it contains bytes outside its members")


def _read_manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    infos = archive.infolist()
    if not infos or infos[0].filename != MANIFEST or infos[0].file_size > MAX_MANIFEST:
        raise InvalidModelFileError("not a catnocat model: its first member is not catnocat.json")
    manifest = read_json(archive.read(MANIFEST), MANIFEST)
    if not isinstance(manifest, dict) or manifest.get("format") != "catnocat model":
        raise InvalidModelFileError("not a catnocat model: catnocat.json names another format")
    format_version = manifest.get(_VERSION_MEMBER)
    if type(format_version) is not int or format_version < 1:
        raise InvalidModelFileError(f"damaged: its format version is {format_version!r}")
    if format_version > FORMAT_VERSION:
        raise InvalidModelFileError(
            f"written in format version {format_version} by a newer catnocat; this one reads up to"
            f" version {FORMAT_VERSION}: pip install --upgrade catnocat"
        )
    return manifest
