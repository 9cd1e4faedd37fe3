"""From a name to the folder of the data set, fetched if need be."""

import shutil
import sys
from contextlib import nullcontext
from pathlib import Path

from ..errors import InputError
from .catalogue import NamedSet
from .fetch import fetch
from .progress import download_bar
from .unpack import unpack


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
