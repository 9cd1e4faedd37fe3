"""A path that may contain a data set, with a cache of its content."""

import csv
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from ...utils import InputError
from ..tables import split_parts
from .image_files import ImageIndex
from .parsing import parse_json_line, read_json, read_xml

MAX_MEMBERS = 12
"""Maximum number of files of a folder that are read to detect its format."""

_HEAD = 1 << 16
_LABEL_SUFFIXES = frozenset(
    (".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".manifest", ".parquet", ".xml", ".txt")
)
_PLACES = ("annotations", "Annotations", "labels")
# Files of data sets that are not label files.
_NO_LABELS = re.compile(
    r"sample_?submission.*|readme.*|license.*|requirements.*|package(-lock)?\.json|dataset_infos?"
    r"\.json|classes\.txt",
    re.IGNORECASE,
)


class Source:
    """Path that may contain a data set; each file is read once.

    Parameters
    ----------
    path : Path
        A file or a folder.
    root : Path, optional
        The folder that holds the images; derived from the path if not given.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.json").write_text('{"images": []}')
    >>> Source(folder).members(".json")[0].json
    {'images': []}
    """

    def __init__(self, path: Path, root: Path | None = None, images: ImageIndex | None = None):
        self.path = path
        self._root = root
        self._images = images

    @property
    def root(self) -> Path:
        """The folder that image names are relative to."""
        if self._root is not None:
            return self._root
        if self.path.is_dir():
            return self.path
        folder = self.path.parent
        return folder.parent if folder.name in _PLACES else folder

    @cached_property
    def images(self) -> ImageIndex:
        """The images below the root."""
        return self._images or ImageIndex(self.root)

    @cached_property
    def suffix(self) -> str:
        """The suffix of a file in lower case; empty for a folder."""
        return self.path.suffix.lower() if self.path.is_file() else ""

    @cached_property
    def label_files(self) -> list[Path]:
        """The files of the folder that may hold labels, without images and read-me files."""
        if self.path.is_file():
            return [self.path]
        try:
            entries = sorted(self.path.iterdir())
        except OSError:
            return []
        return [
            entry
            for entry in entries
            if entry.suffix.lower() in _LABEL_SUFFIXES
            and not entry.name.startswith(".")
            and not _NO_LABELS.fullmatch(entry.name)
            and entry.is_file()
        ]

    @cached_property
    def _members(self) -> dict[Path, "Source"]:
        if self.path.is_file():
            return {self.path: self}
        return {}

    def members(self, *suffixes: str) -> list["Source"]:
        """Return the file itself, or the first files of the folder, that have one of the suffixes.

        The files of ``annotations/`` count where the folder itself has none.
        """
        if self.path.is_file():
            return [self] if self.suffix in suffixes else []
        found = [file for file in self.label_files if file.suffix.lower() in suffixes]
        if not found:
            for place in _PLACES:
                found += Source(self.path / place).label_files
            found = [file for file in found if file.suffix.lower() in suffixes]
        return [
            self._members.setdefault(file, Source(file, self.root, self.images))
            for file in found[:MAX_MEMBERS]
        ]

    @property
    def json(self) -> Any:
        """The content of the JSON file.

        Raises
        ------
        InputError
            If the file cannot be read or is not JSON.
        """
        content, error = self._json
        if error is not None:
            raise error
        return content

    def json_or_none(self) -> Any:
        """Return the content of the JSON file; None where there is none."""
        return self._json[0]

    @cached_property
    def _json(self) -> tuple[Any, InputError | None]:
        """The content and None, or None and the error: a broken file is parsed once too."""
        try:
            return read_json(self.path), None
        except InputError as error:
            return None, error

    @cached_property
    def head(self) -> str:
        """The first 64 KiB of the file as text; empty if it cannot be read."""
        try:
            with self.path.open("rb") as opened:
                return opened.read(_HEAD).decode("utf-8-sig", errors="replace")
        except (OSError, ValueError):
            return ""

    @cached_property
    def first_object(self) -> dict[str, Any]:
        """The object in the first line of a JSON Lines file; empty if there is none."""
        line = next((line for line in self.head.splitlines() if line.strip()), "")
        try:
            content = parse_json_line(str(self.path), 1, line)
        except InputError:
            return {}
        return content if isinstance(content, dict) else {}

    @cached_property
    def header(self) -> list[str]:
        """The cells of the first row of a CSV file, without spaces around them."""
        first = next((line for line in self.head.splitlines() if line.strip()), "")
        separator = max((",", "\t", ";"), key=first.count)
        try:
            rows = list(csv.reader([first], delimiter=separator, skipinitialspace=True))
        except csv.Error:
            return []
        return [cell.strip() for cell in rows[0]] if rows else []


_PART_WORDS = {
    "training": "train", "testing": "test", "validate": "validation",
}  # fmt: skip


def part_of(word: object) -> str:
    """Return the part of a data set that a word names; empty if it names none.

    Examples
    --------
    >>> part_of("TRAINING"), part_of("valid"), part_of("UNASSIGNED"), part_of("val2017")
    ('train', 'valid', '', '')
    """
    plain = str(word).strip().lower()
    plain = _PART_WORDS.get(plain, plain)
    return plain if plain in split_parts(()) else ""


def files_of_parts(
    source: Source, suffixes: Iterable[str], mark: Callable[[Source], str], advice: str
) -> dict[str, Source]:
    """Return the files of an export by the part in their names.

    Parameters
    ----------
    source : Source
    suffixes : iterable of str
        The suffixes that the files may have.
    mark : callable
        Returns what marks a file as one of the export, or an empty text.
    advice : str
        What is missing, if no file matches.

    Raises
    ------
    InputError
        If no file is one of the export; the message names a file that cannot be parsed.
    """
    candidates = source.members(*suffixes)
    members = [member for member in candidates if mark(member)]
    if not members:
        for member in candidates:
            if member.suffix == ".json":
                _ = member.json  # raises where it is no JSON
            elif member.suffix == ".xml":
                read_xml(member.path)
        raise InputError(f"{source.path}: {advice}")
    return part_members(source, members)


def part_members(source: Source, members: Sequence[Source]) -> dict[str, Source]:
    """Return the files of an export by the part in their names; a single file has no part.

    Raises
    ------
    InputError
        If there is no file, or there are several whose names are no parts.

    Examples
    --------
    >>> from pathlib import Path
    >>> files = [Source(Path("x/train.json")), Source(Path("x/val.json"))]
    >>> list(part_members(Source(Path("x")), files))
    ['train', 'val']
    """
    if not members:
        raise InputError(f"{source.path}: no file of this format there")
    if len(members) == 1:
        return {_part_in(members[0].path): members[0]}
    parts = {_part_in(member.path): member for member in members}
    if "" in parts or len(parts) != len(members):
        names = ", ".join(member.path.name for member in members)
        raise InputError(f"{source.path}: holds several label files ({names}); name one of them")
    return parts


def _part_in(path: Path) -> str:
    words = path.stem.lower().replace("-", "_").replace(".", "_").split("_")
    found = [part for word in words if (part := part_of(word))]
    return found[0] if len(found) == 1 else ""
