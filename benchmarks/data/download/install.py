"""Find a dataset data set in the data folder, or download and unpack it."""

import shutil
import stat
import sys
import tarfile
import zipfile
from contextlib import nullcontext
from pathlib import Path, PurePosixPath

from ...utils import InputError
from .catalogue import NamedDataset
from .fetch import download_bar, fetch


def unpack(archive: Path, folder: Path) -> None:
    """Unpack a .tar or .zip into a folder.

    Raises
    ------
    InputError
        If the archive is corrupt, or a member would be written outside the folder or links there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        if archive.suffix == ".zip":
            _unpack_zip(archive, folder)
        else:
            with tarfile.open(archive) as tar:
                tar.extractall(folder, filter="data")  # refuses members outside the folder
    except tarfile.FilterError as error:
        raise InputError(f"{archive}: refused, because {error}") from None
    except (tarfile.TarError, zipfile.BadZipFile, EOFError) as error:
        raise InputError(
            f"{archive}: a corrupt archive ({error}); delete it and run the command again"
        ) from None


def _unpack_zip(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as file:
        for member in file.infolist():
            path = PurePosixPath(member.filename.replace("\\", "/"))
            # zipfile would rename such members silently; an archive with one is not trusted.
            if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
                raise InputError(
                    f"{archive}: refused, because {member.filename!r} is outside {folder}"
                )
            if stat.S_ISLNK(member.external_attr >> 16):
                raise InputError(f"{archive}: refused, because {member.filename!r} is a link")
            if member.is_dir():
                continue
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            with file.open(member) as source, target.open("wb") as sink:
                shutil.copyfileobj(source, sink, 1 << 20)


def find_or_download(dataset: NamedDataset, data: Path, *, progress: bool = False) -> Path:
    """Return the folder of a data set; download it if it is not in the data folder.

    Archives that are already in the data folder are used. The data set appears as ``data/<name>``
    only when it is completely unpacked, so that a killed run leaves archives from which the next
    run resumes, never half a data set.

    Parameters
    ----------
    dataset : NamedDataset
    data : Path
        Folder of the data sets.
    progress : bool
        Show a progress bar if stderr is a terminal. The licence is printed in any case.

    Returns
    -------
    Path

    Raises
    ------
    InputError
        If it cannot be downloaded. The message says how to do it manually.
    """
    root = _find(dataset, data)
    if root is not None:
        return root
    print(dataset.licence, file=sys.stderr)
    try:
        _check_disk_space(dataset, data)
        archives = []
        for archive in dataset.archives:
            with download_bar(archive.name) if progress else nullcontext() as bar:
                archives.append(fetch(archive, data, progress=bar))
        _unpack_all(dataset, archives, data)
    except InputError as error:
        raise InputError(f"{error}. {_manual_instructions(dataset, data)}") from None
    except OSError as error:
        raise InputError(
            f"--data {data}: {dataset.name} cannot be written there ({error.strerror or error})"
        ) from None
    return data / dataset.name / dataset.root


def _find(dataset: NamedDataset, data: Path) -> Path | None:
    for folder in (f"{dataset.name}/{dataset.root}", dataset.name, *dataset.search_folders):
        root = data / folder
        if root.is_dir() and all(any(root.glob(pattern)) for pattern in dataset.required_files):
            return root
    return None


def _check_disk_space(dataset: NamedDataset, data: Path) -> None:
    """Raise if there is no space for the archives and their unpacked content at the same time."""
    data.mkdir(parents=True, exist_ok=True)
    sizes = {archive.name: archive.size for archive in dataset.archives}
    present = sum(
        min(size, file.stat().st_size)
        for name, size in sizes.items()
        for file in (data / name, data / f"{name}.partial")
        if file.exists()
    )
    needed = 2 * sum(sizes.values()) - present
    free = shutil.disk_usage(data).free
    if free < needed:
        raise InputError(
            f"--data {data}: {dataset.name} needs {needed / 1e9:.1f} GB there, and "
            f"{free / 1e9:.1f} GB are free"
        )


def _unpack_all(dataset: NamedDataset, archives: list[Path], data: Path) -> None:
    partial = data / f".{dataset.name}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    for archive in archives:
        unpack(archive, partial)
    root = partial / dataset.root
    missing = [pattern for pattern in dataset.required_files if not any(root.glob(pattern))]
    if missing:
        raise InputError(f"{archives[-1]}: does not contain {dataset.root}/{missing[0]}")
    (root / "CREDITS.txt").write_text(f"{dataset.licence}\n", encoding="utf-8")
    partial.replace(data / dataset.name)
    for archive in archives:
        archive.unlink()


def _manual_instructions(dataset: NamedDataset, data: Path) -> str:
    addresses = " and ".join(archive.url for archive in dataset.archives)
    return (
        f"To download it manually, get {addresses}, move the files to {data} and run the command"
        " again"
    )
