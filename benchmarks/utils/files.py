"""Atomic writing of files, checks of output folders, and thumbnails for HTML pages."""

import base64
import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
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


def create_output_folder(out: str | Path | None) -> Path | None:
    """Create the output folder and check that it is writable, before any computation.

    Raises
    ------
    InputError
        If the folder cannot be written to.
    """
    if out is None:
        return None
    folder = Path(out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise InputError(f"--out {folder}: cannot be written to ({error.strerror}).") from None
    return folder


@contextmanager
def translate_write_errors(folder: Path) -> Iterator[None]:
    """Convert an OSError while writing results, such as a full disk, to an InputError."""
    try:
        yield
    except OSError as error:
        raise InputError(
            f"--out {folder}: could not be written to ({error.strerror}); free some disk space and"
            " run again. The features are stored, so the next run is faster."
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
