"""Find image files in a folder, and the file that an export means by an image's name."""

import os
import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from functools import cached_property
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from ....features import IMAGE_SUFFIXES
from ...utils import InputError
from ..tables import shown

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
    """Return whether a file is an image by its name; hidden files are not.

    Examples
    --------
    >>> is_image_path("a.JPG"), is_image_path("._a.jpg"), is_image_path("a.txt")
    (True, False, False)
    """
    return not name.startswith(".") and os.path.splitext(name)[1].lower() in IMAGE_SUFFIXES  # noqa: PTH122


def images_in(folder: Path) -> list[str]:
    """Return the names of the images in a folder, sorted; empty if there is no folder."""
    try:
        # Not pathlib, which is slow for a million files.
        return sorted(name for name in os.listdir(folder) if is_image_path(name))  # noqa: PTH208
    except OSError:
        return []


def images_below(folder: Path) -> list[str]:
    """Return the images anywhere below a folder, relative to it, with ``/`` between, sorted."""
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        start = Path(place).relative_to(folder).as_posix()
        prefix = "" if start == "." else f"{start}/"
        found += [prefix + name for name in names if is_image_path(name)]
    return sorted(found)


def files_left_out(folder: Path) -> dict[str, int]:
    """Count the files below a folder that are not images, by suffix; empty if it is not a folder.

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
    """Return a sentence on the files of a folder that are not images; empty if there are none."""
    counts = files_left_out(Path(folder))
    if not counts:
        return ""
    files = "1 file is" if sum(counts.values()) == 1 else f"{sum(counts.values()):,} files are"
    listed = ", ".join(f"{suffix or 'no suffix'}: {count:,}" for suffix, count in counts.items())
    return f"{folder}: {files} left out, not images by their names ({listed})"


def folders_in(folder: Path) -> list[Path]:
    """Return the sub-folders that are not hidden, sorted; empty if there is no folder."""
    try:
        return sorted(
            Path(entry.path)
            for entry in os.scandir(folder)
            if entry.is_dir() and not entry.name.startswith((".", "__"))
        )
    except OSError:
        return []


_SCHEME = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]{1,20})://(?P<rest>.*)", re.IGNORECASE | re.DOTALL
)
_LOCAL_FILES = re.compile(r".*/local-files/?\?d=(?P<path>.*)", re.DOTALL)
# Label Studio puts eight characters of a UUID before the name of an uploaded file.
_UPLOAD = re.compile(r"[0-9a-f]{8}-(?=.)")


class ImageIndex:
    """The images below a folder, found by the names that exports give them.

    A name may be a path relative to the folder, an absolute path of another computer, an address
    (``s3://``, ``gs://``, ``https://``), a bare file name, or a name without a suffix.

    Parameters
    ----------
    root : Path
        The folder; it is searched only when a name is not found directly.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> (folder / "photos").mkdir()
    >>> (folder / "photos" / "a b.jpg").touch()
    >>> index = ImageIndex(folder)
    >>> index.find("gs://bucket/2024/a%20b.jpg"), index.find("a b"), index.find("c.jpg")
    ('photos/a b.jpg', 'photos/a b.jpg', None)
    """

    def __init__(self, root: Path):
        self.root = root

    @cached_property
    def names(self) -> list[str]:
        """The images below the root, relative to it."""
        return images_below(self.root)

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        return _group(self.names, lambda name: name.rpartition("/")[2])

    @cached_property
    def _by_stem(self) -> dict[str, list[str]]:
        return _group(self.names, lambda name: name.rpartition("/")[2].rpartition(".")[0])

    def find(self, reference: str, *, near: str = "") -> str | None:
        """Return the path of an image relative to the root; None if there is no such image.

        Parameters
        ----------
        reference : str
            The image as the export names it.
        near : str
            The sub-folder to prefer, as the name of a part.

        Raises
        ------
        InputError
            If several images fit equally well.
        """
        for path in _paths(reference):
            for start in (f"{near}/", "") if near else ("",):
                if self._is_file(start + path):
                    return str(PurePosixPath(start + path))
        candidates: list[str] = []
        for path in _paths(reference):
            name = path.rpartition("/")[2]
            for table, key in (
                (self._by_name, name),
                (self._by_name, _UPLOAD.sub("", name)),
                (self._by_stem, name),
            ):
                candidates = table.get(_normal(key), [])
                if candidates:
                    return self._best(reference, f"{near}/{path}" if near else path, candidates)
        return None

    def _is_file(self, path: str) -> bool:
        try:
            return bool(path) and (self.root / path).is_file()
        except (OSError, ValueError):  # a name too long, or with a NUL
            return False

    def _best(self, reference: str, path: str, candidates: list[str]) -> str:
        if len(candidates) == 1:
            return candidates[0]
        folders = _normal(path).split("/")[:-1]
        scores = [_common_end(folders, _normal(name).split("/")[:-1]) for name in candidates]
        best = [
            name for name, score in zip(candidates, scores, strict=True) if score == max(scores)
        ]
        if len(best) > 1:
            raise InputError(
                f"{self.root}: {shown(reference)} may be {shown(best[0])} or {shown(best[1])}; "
                "keep one of them in this folder, or name the folder of the images"
            )
        return best[0]


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _group(names: list[str], key_of: Callable[[str], str]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name in names:
        grouped.setdefault(_normal(key_of(name)), []).append(name)
    return grouped


def _common_end(one: list[str], other: list[str]) -> int:
    length = 0
    for left, right in zip(reversed(one), reversed(other), strict=False):
        if left != right:
            break
        length += 1
    return length


def _paths(reference: str) -> list[str]:
    """Return the possible paths of a reference, the most literal one first."""
    if "\0" in reference:
        return []
    paths = [reference]
    if match := _LOCAL_FILES.fullmatch(reference):
        paths = [unquote(match["path"])]
    elif match := _SCHEME.fullmatch(reference):
        rest = match["rest"]
        if match["scheme"].lower() in ("http", "https"):
            rest = rest.partition("?")[0].partition("#")[0]
        # The first component is the server or the bucket; of file:///a.jpg it is empty.
        path = rest.partition("/")[2]
        paths = [path, unquote(path)]
        if match["scheme"].lower() == "file":
            paths = [f"/{path}", f"/{unquote(path)}"]
    if "\\" in reference:
        paths += [path.replace("\\", "/") for path in paths]
    if "%" in reference and "://" not in reference:
        paths.append(unquote(reference))
    return list(dict.fromkeys(paths))
