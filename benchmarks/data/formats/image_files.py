"""Finding picture files in a folder."""

import os
from collections import Counter
from pathlib import Path

from ....features import IMAGE_SUFFIXES

PICTURE_SUFFIXES = IMAGE_SUFFIXES
"""The suffixes, in lower case, that make a file an image where only its name tells."""

_TABLES = frozenset(
    [
        ".csv",
        ".tsv",
        ".json",
        ".jsonl",
        ".ndjson",
        ".xml",
        ".txt",
        ".yaml",
        ".yml",
        ".parquet",
        ".arff",
        ".arrow",
        ".npz",
        ".npy",
        ".md",
        ".gz",
        ".html",
        ".names",
        ".data",
    ]
)


def is_image_path(name: str) -> bool:
    """Tell by its name whether a file is a picture; hidden files are not.

    Examples
    --------
    >>> is_image_path("a.JPG"), is_image_path("._a.jpg"), is_image_path("a.txt")
    (True, False, False)
    """
    return not name.startswith(".") and os.path.splitext(name)[1].lower() in PICTURE_SUFFIXES  # noqa: PTH122


def images_in(folder: Path) -> list[str]:
    """Give the names of the pictures in a folder, sorted; none where there is no folder."""
    try:
        # Not pathlib: a folder may hold a million.
        return sorted(name for name in os.listdir(folder) if is_image_path(name))  # noqa: PTH208
    except OSError:
        return []


def images_below(folder: Path) -> list[str]:
    """Give the pictures anywhere below a folder, relative to it, with ``/`` between, sorted."""
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        start = Path(place).relative_to(folder).as_posix()
        prefix = "" if start == "." else f"{start}/"
        found += [prefix + name for name in names if is_image_path(name)]
    return sorted(found)


def files_left_out(folder: Path) -> dict[str, int]:
    """Count the files below a folder that are no images, by suffix; empty if it is no folder.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("a.jpg", "b.HEIC", "c.mov", "d.mov", "README"):
    ...         Path(folder, name).touch()
    ...     files_left_out(Path(folder))
    {'': 1, '.mov': 2}
    """
    counts: Counter[str] = Counter()
    for _, folders, names in os.walk(folder) if folder.is_dir() else ():
        folders[:] = [name for name in folders if not name.startswith(".")]
        counts.update(
            os.path.splitext(name)[1].lower()  # noqa: PTH122
            for name in names
            if not name.startswith(".") and not is_image_path(name)
        )
    return dict(sorted(counts.items()))


def unused_files(source: str | Path) -> dict[str, int]:
    """Count the files below a data set's folder that are neither images nor tables, by suffix."""
    counts = files_left_out(Path(source))
    return {suffix: count for suffix, count in counts.items() if suffix not in _TABLES}


def left_out_sentence(folder: Path | str) -> str:
    """State how many files of a folder are no images, by suffix; empty if there are none."""
    counts = files_left_out(Path(folder))
    if not counts:
        return ""
    files = "1 file is" if sum(counts.values()) == 1 else f"{sum(counts.values()):,} files are"
    listed = ", ".join(f"{suffix or 'no suffix'}: {count:,}" for suffix, count in counts.items())
    return f"{folder}: {files} left out, no images by their names ({listed})"


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
