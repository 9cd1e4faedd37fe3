"""From a name to the folder of the data set, fetched if need be."""

import shutil
import stat
import sys
import tarfile
import zipfile
from contextlib import nullcontext
from pathlib import Path, PurePosixPath

from ...utils import InputError
from .catalogue import NamedSet
from .fetch import download_bar, fetch


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


def obtain(named: NamedSet, data: Path, *, progress: bool = False) -> Path:
    """Give the folder of a data set, fetching it where it is not in the data folder.

    Archives that lie in the data folder already are used. What was fetched becomes visible as
    ``data/<name>`` when all of it is unpacked, so that a run that is killed leaves archives to go
    on with, never half a data set.

    Parameters
    ----------
    named : NamedSet
    data : Path
        Where data sets lie, or are put.
    progress : bool
        Show how far it is, if stderr is a terminal. Whose data it is is said in any case.

    Returns
    -------
    Path

    Raises
    ------
    InputError
        If it cannot be fetched: says what to fetch and where to put it.
    """
    found = _find(named, data)
    if found is not None:
        return found
    print(named.licence, file=sys.stderr)
    try:
        _check_room(named, data)
        archives = []
        for archive in named.archives:
            with download_bar(archive.name) if progress else nullcontext() as bar:
                archives.append(fetch(archive, data, progress=bar))
        _unpack_all(named, archives, data)
    except InputError as error:
        raise InputError(f"{error}. {_by_hand(named, data)}") from None
    except OSError as error:
        raise InputError(
            f"--data {data}: {named.name} cannot be put there ({error.strerror or error})"
        ) from None
    return data / named.name / named.root


def _find(named: NamedSet, data: Path) -> Path | None:
    for place in (f"{named.name}/{named.root}", named.name, *named.places):
        root = data / place
        if root.is_dir() and all(any(root.glob(mark)) for mark in named.marks):
            return root
    return None


def _check_room(named: NamedSet, data: Path) -> None:
    """Refuse to begin what cannot end: archives and what they unpack to stand side by side."""
    data.mkdir(parents=True, exist_ok=True)
    sizes = {archive.name: archive.size for archive in named.archives}
    there = sum(
        min(size, file.stat().st_size)
        for name, size in sizes.items()
        for file in (data / name, data / f"{name}.partial")
        if file.exists()
    )
    needed = 2 * sum(sizes.values()) - there
    free = shutil.disk_usage(data).free
    if free < needed:
        raise InputError(
            f"--data {data}: {named.name} needs {needed / 1e9:.1f} GB there, and "
            f"{free / 1e9:.1f} GB are free"
        )


def _unpack_all(named: NamedSet, archives: list[Path], data: Path) -> None:
    partial = data / f".{named.name}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    for archive in archives:
        unpack(archive, partial)
    root = partial / named.root
    missing = [mark for mark in named.marks if not any(root.glob(mark))]
    if missing:
        raise InputError(f"{archives[-1]}: unpacks to no {named.root}/{missing[0]}")
    (root / "CREDITS.txt").write_text(f"{named.licence}\n", encoding="utf-8")
    partial.replace(data / named.name)
    for archive in archives:
        archive.unlink()


def _by_hand(named: NamedSet, data: Path) -> str:
    addresses = " and ".join(archive.url for archive in named.archives)
    return f"To do it by hand, fetch {addresses}, put the files into {data}, and run again"
