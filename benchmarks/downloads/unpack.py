"""Unpacking an archive without letting it write anywhere else."""

import shutil
import stat
import tarfile
import zipfile
from pathlib import Path, PurePosixPath

from ..errors import InputError


def unpack(archive: Path, folder: Path) -> None:
    """Unpack a .tar or .zip into a folder.

    Raises
    ------
    InputError
        If the archive is broken, or a member would lie outside the folder or link out of it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        if archive.suffix == ".zip":
            _unpack_zip(archive, folder)
        else:
            with tarfile.open(archive) as tar:
                tar.extractall(folder, filter="data")  # refuses what leaves the folder
    except tarfile.FilterError as error:
        raise InputError(f"{archive}: refused, since {error}") from None
    except (tarfile.TarError, zipfile.BadZipFile, EOFError) as error:
        raise InputError(f"{archive}: a broken archive ({error}); remove it, run again") from None


def _unpack_zip(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as file:
        for member in file.infolist():
            path = PurePosixPath(member.filename.replace("\\", "/"))
            # zipfile would rename such members silently; an archive that tries is not trusted.
            if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
                raise InputError(
                    f"{archive}: refused, since {member.filename!r} would lie outside {folder}"
                )
            if stat.S_ISLNK(member.external_attr >> 16):
                raise InputError(f"{archive}: refused, since {member.filename!r} is a link")
            if member.is_dir():
                continue
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            with file.open(member) as source, target.open("wb") as sink:
                shutil.copyfileobj(source, sink, 1 << 20)
