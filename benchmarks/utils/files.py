"""Atomic writing of files, checks of output folders, and thumbnails for HTML pages."""

import base64
import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from .errors import InputError


def atomic_write(path: Path) -> AbstractContextManager[BinaryIO]:
    """Open a binary file that appears under its name only when it is complete and synced.

    This is `catnocat.features.utils.atomic_write`, imported on first use.

    Parameters
    ----------
    path : Path
        In an existing folder.

    Raises
    ------
    OSError

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "numbers.bin"
    >>> with atomic_write(path) as file:
    ...     written = file.write(b"123")
    >>> path.read_bytes()
    b'123'
    """
    from ...features import utils  # late: `catnocat --help` must not import NumPy

    return utils.atomic_write(path)


def write_text(path: Path, text: str) -> None:
    r"""Write a text file in UTF-8.

    File names need not be valid UTF-8. Bytes that are not are written as ``\udce9`` and the like,
    which JSON reads back as the same name.

    Examples
    --------
    >>> import json, tempfile
    >>> path = Path(tempfile.mkdtemp()) / "names.json"
    >>> write_json(path, ["caf\udce9.jpg", "café.jpg"])
    >>> json.loads(path.read_text("utf-8")) == ["caf\udce9.jpg", "café.jpg"]
    True
    """
    with atomic_write(path) as file:
        file.write(text.encode("utf-8", "backslashreplace"))


def write_json(path: Path, value: Any) -> None:
    """Write a JSON file in UTF-8; NaN and infinity are not allowed."""
    write_text(path, json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def create_folder(folder: Path, option: str = "--out") -> bool:
    """Create a folder, but not its parents, whose names may be misspelt.

    Returns
    -------
    bool
        False if the folder existed.

    Raises
    ------
    InputError
        If the folder or its parent does not exist and cannot be created.
    """
    try:
        folder.mkdir()
    except FileExistsError:
        if folder.is_dir():
            return False
        raise InputError(f"{option} {folder}: is a file; name a folder.") from None
    except FileNotFoundError:
        raise InputError(
            f"{option} {folder}: there is no folder {folder.parent}; create it first."
        ) from None
    except OSError as error:
        raise InputError(f"{option} {folder}: cannot be created ({error.strerror}).") from None
    return True


def check_output_folder(out: str | Path | None) -> Path | None:
    """Check that the output folder exists or can be created, and is writable.

    Called before any computation. A new folder is deleted again, so that wrong input leaves no
    empty folder; `translate_write_errors` creates it when the results are written.

    Raises
    ------
    InputError
        If the folder cannot be written to.
    """
    if out is None:
        return None
    folder = Path(out)
    is_new = create_folder(folder)
    try:
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
        if is_new:
            folder.rmdir()
    except OSError as error:
        raise InputError(f"--out {folder}: cannot be written to ({error.strerror}).") from None
    return folder


@contextmanager
def open_output_folder(out: str | Path | None) -> Iterator[Path | None]:
    """Create the output folder of several comparisons, each of which gets a sub-folder.

    If the comparisons fail before anything is written, a new folder is deleted again.

    Raises
    ------
    InputError
        If the folder cannot be written to.
    """
    folder = check_output_folder(out)
    is_new = folder is not None and create_folder(folder)
    try:
        yield folder
    except BaseException:
        if folder is not None and is_new:
            with suppress(OSError):  # not empty: some results were written
                folder.rmdir()
        raise


@contextmanager
def translate_write_errors(folder: Path) -> Iterator[None]:
    """Create the output folder, and convert an OSError such as a full disk to an InputError."""
    try:
        folder.mkdir(exist_ok=True)
        yield
    except OSError as error:
        raise InputError(
            f"--out {folder}: could not be written to ({error.strerror}); free space and run again."
            " The features are stored, so the next run is faster."
        ) from None


def thumbnail_data_uri(path: str, side: int, quality: int = 72) -> str:
    """Return a small JPEG of an image as a data URI.

    Parameters
    ----------
    path : str
    side : int
        Maximum of width and height, in pixels.
    quality : int
        JPEG quality.

    Returns
    -------
    str
        Empty if the image cannot be read, for example because it was deleted meanwhile.

    Examples
    --------
    >>> thumbnail_data_uri("gone.jpg", 160)
    ''
    """
    from ...features import UnreadableImage, read_image  # late: they import NumPy and Pillow

    try:
        image = read_image(path)
    except UnreadableImage:
        return ""
    image.thumbnail((side, side))
    content = BytesIO()
    image.save(content, "JPEG", quality=quality, optimize=True)
    return "data:image/jpeg;base64," + base64.b64encode(content.getvalue()).decode()
