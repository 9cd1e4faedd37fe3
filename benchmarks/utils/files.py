"""What is written for people and programs to read: whole, whatever files are called."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .errors import InputError


def write_text(path: Path, text: str) -> None:
    r"""Write UTF-8.

    A file's name need not be UTF-8: what is none of it in there stands as ``\udce9`` and the like,
    which JSON reads back as the same name.

    Examples
    --------
    >>> import json, tempfile
    >>> path = Path(tempfile.mkdtemp()) / "names.json"
    >>> write_json(path, ["caf\udce9.jpg", "café.jpg"])
    >>> json.loads(path.read_text("utf-8")) == ["caf\udce9.jpg", "café.jpg"]
    True
    """
    path.write_text(text, encoding="utf-8", errors="backslashreplace")


def write_json(path: Path, value: Any) -> None:
    """Write JSON's own values in UTF-8; NaN is none of them."""
    write_text(path, json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def writable_folder(out: str | Path | None) -> Path | None:
    """Make the folder before the work, so that what cannot be written is not computed.

    Raises
    ------
    InputError
        If nothing can be written there.
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
def refused_writing(folder: Path) -> Iterator[None]:
    """Say in one line that a file could not be written: the disk may be full by now."""
    try:
        yield
    except OSError as error:
        raise InputError(
            f"--out {folder}: could not be written to ({error.strerror}); make room and run again:"
            " the features are stored, so that is quicker."
        ) from None
