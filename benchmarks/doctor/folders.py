"""The folders that are written to: whether that works, and how much room is left."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

#: float32 numbers of the usual 1,280 per picture, and what an index holds of each.
BYTES_PER_PICTURE = 4 * 1280 + 40


def describe_folder(folder: Path) -> dict[str, Any]:
    """Tell of a folder whether it can be written to, and the room left on its disk.

    Parameters
    ----------
    folder : Path
        Need not exist; it is not made.

    Returns
    -------
    dict
        ``folder``, ``exists``, ``writable``, ``trouble`` (None or why not writable),
        ``free_bytes`` and ``room_for_pictures``.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     told = describe_folder(Path(folder) / "store")
    >>> told["exists"], told["writable"], told["trouble"]
    (False, True, None)
    """
    above = next(one for one in (folder, *folder.parents) if one.exists())
    trouble = _trouble(above)
    free = shutil.disk_usage(above).free
    return {
        "folder": str(folder),
        "exists": folder.exists(),
        "writable": trouble is None,
        "trouble": trouble,
        "free_bytes": free,
        "room_for_pictures": free // BYTES_PER_PICTURE,
    }


def _trouble(folder: Path) -> str | None:
    """Say why nothing can be written; found out by writing, for permissions tell but half."""
    if not folder.is_dir():
        return f"{folder} is not a folder"
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"catnocat")
    except OSError as error:
        return f"nothing can be written to {folder}: {error.strerror or error}"
    return None
