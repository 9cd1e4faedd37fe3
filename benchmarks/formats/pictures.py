"""Finding picture files in a folder."""

import os
from pathlib import Path

PICTURE_SUFFIXES = frozenset(
    (".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".ppm", ".jp2", ".avif")
)
"""The suffixes, in lower case, that make a file a picture where only its name tells."""


def is_picture(name: str) -> bool:
    """Tell by its name whether a file is a picture; hidden files are not.

    Examples
    --------
    >>> is_picture("a.JPG"), is_picture("._a.jpg"), is_picture("a.txt")
    (True, False, False)
    """
    return not name.startswith(".") and os.path.splitext(name)[1].lower() in PICTURE_SUFFIXES  # noqa: PTH122


def pictures_in(folder: Path) -> list[str]:
    """Give the names of the pictures in a folder, sorted; none where there is no folder."""
    try:
        # Not pathlib: a folder may hold a million.
        return sorted(name for name in os.listdir(folder) if is_picture(name))  # noqa: PTH208
    except OSError:
        return []


def pictures_below(folder: Path) -> list[str]:
    """Give the pictures anywhere below a folder, relative to it, with ``/`` between, sorted."""
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        start = Path(place).relative_to(folder).as_posix()
        prefix = "" if start == "." else f"{start}/"
        found += [prefix + name for name in names if is_picture(name)]
    return sorted(found)


def folders_in(folder: Path) -> list[Path]:
    """Give the sub-folders that are not hidden, sorted; none where there is no folder."""
    try:
        return sorted(
            Path(entry.path)
            for entry in os.scandir(folder)
            if entry.is_dir() and not entry.name.startswith((".", "__"))
        )
    except OSError:
        return []
