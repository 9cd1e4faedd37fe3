"""Finding the file that an export means by an image's name."""

import re
import unicodedata
from collections.abc import Callable
from functools import cached_property
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from ...utils import InputError
from ..tables import shown
from .image_files import images_below

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
        wanted = _normal(path).split("/")[:-1]
        scores = [_common_end(wanted, _normal(name).split("/")[:-1]) for name in candidates]
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
    """Return the paths that a reference may stand for, the most literal one first."""
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
