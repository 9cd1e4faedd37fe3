"""Find the image files that the names in a table mean."""

import os
import re
import shlex
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple, NoReturn

from ...utils import InputError, UnclearInputError
from .limits import MAX_PATH_LENGTH
from .reading_options import TableOptions
from .records import Records, shown

IMAGE_SUFFIXES = frozenset(
    (
        *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff"),
        *(".ppm", ".jp2", ".avif", ".heic", ".heif", ".jxl"),
    )
)
"""Suffixes of image names, in lower case."""

_FORMS: tuple[Literal["NFC", "NFD"], ...] = ("NFC", "NFD")
_ABSOLUTE = re.compile(r"[/\\]|[A-Za-z]:")


def has_image_suffix(name: object) -> bool:
    """Return whether a cell is a text with the suffix of an image.

    Examples
    --------
    >>> has_image_suffix("x/a.JPG"), has_image_suffix("a"), has_image_suffix(3)
    (True, False, False)
    """
    return isinstance(name, str) and os.path.splitext(name.strip())[1].lower() in IMAGE_SUFFIXES  # noqa: PTH122


@dataclass
class Found:
    """Names and absolute paths of images, and notes on names that are not as written."""

    images: list[str]
    paths: list[str]
    notes: list[str] = field(default_factory=list)

    @property
    def exist(self) -> bool:
        """Whether at least one of the files exists."""
        return any(map(os.path.isfile, self.paths))


def find_images(
    source: str, folder: Path, images: Sequence[str], suffix: str | None = None
) -> Found:
    """Find the files of images; missing files are an error only if all are missing.

    Names are used as written. If none of the files exists, backslashes are read as slashes; if that
    does not help, files below the folder are searched whose paths end in the names, with or without
    a suffix. Names in another Unicode form than that of the file are found.

    Parameters
    ----------
    source : str
        The table, for messages.
    folder : Path
        The folder that relative names start from.
    images : sequence of str
    suffix : str, optional
        Suffix to add to names without it.

    Raises
    ------
    InputError
        If none of the files exists, or a name fits several.
    """
    names = list(images)
    if suffix:
        dotted = suffix if suffix.startswith(".") else f".{suffix}"
        names = [name if name.lower().endswith(dotted.lower()) else name + dotted for name in names]
    start = folder.absolute()
    found = find_as_written(start, names)
    if found.exist:
        return found
    found = _search(source, start, found.images)
    if found.exist:
        return found
    first = os.path.join(start, names[0])  # noqa: PTH118
    raise InputError(
        f"{source}: none of the {len(names)} images exists, first tried {first!r}; "
        f"paths are relative to the table's folder{_advice(start, names)}"
    )


def find_as_written(folder: Path, images: Sequence[str]) -> Found:
    """Return the paths of images below a folder, by their names alone.

    If none of the files exists, backslashes are read as slashes. Names in another Unicode form than
    that of the file are found.
    """
    found = Found(list(images), _below(folder, images))
    if not found.exist and any("\\" in image for image in images):
        slashes = [image.replace("\\", "/") for image in images]
        found = Found(slashes, _below(folder, slashes))
    return _with_unicode_forms(found, folder) if found.exist else found


def _advice(folder: Path, names: Sequence[str]) -> str:
    if _ABSOLUTE.match(names[0]):
        return "; write them relative to it"
    return "" if folder.is_dir() else f", and {folder} is no folder"


def _below(folder: Path, names: Iterable[str]) -> list[str]:
    # os.path, not pathlib: a million paths in a second instead of in ten.
    return [os.path.join(folder, name) for name in names]  # noqa: PTH118


def _with_unicode_forms(found: Found, folder: Path) -> Found:
    """Replace paths that do not exist by files whose names are in another Unicode form."""
    changed = 0
    for i, (name, path) in enumerate(zip(found.images, found.paths, strict=True)):
        if name.isascii() or os.path.exists(path):  # noqa: PTH110
            continue
        others = (unicodedata.normalize(form, name) for form in _FORMS)
        other = next(filter(os.path.exists, _below(folder, others)), None)
        if other is not None:
            found.paths[i] = other
            changed += 1
    if changed:
        found.notes.append(f"{changed:,} image names are found in another Unicode form (NFC, NFD)")
    return found


class _Fit(NamedTuple):
    """A file that matches a name, with the folder before the name and the suffix after it."""

    path: str
    folder: str
    suffix: str


def _search(source: str, folder: Path, names: list[str]) -> Found:
    """Search files below the folder whose paths end in the names."""
    by_base: dict[str, list[str]] = defaultdict(list)
    for path in _image_files(folder):
        base = os.path.basename(path)  # noqa: PTH119
        for key in {_key(base), _key(os.path.splitext(base)[0])}:  # noqa: PTH122
            by_base[key].append(path)
    paths: list[str] = []
    fits: list[_Fit] = []
    for name in names:
        fitting = [] if _ABSOLUTE.match(name) else _fitting(by_base, name)
        if len(fitting) > 1:
            _refuse_several(source, name, fitting)
        fits += fitting
        paths.append(os.path.join(folder, fitting[0].path if fitting else name))  # noqa: PTH118
    found = Found(names, paths)
    if fits:
        found.notes.append(_how(len(names), fits))
    return found


def _how(n_names: int, fits: Sequence[_Fit]) -> str:
    folders = Counter(fit.folder for fit in fits if fit.folder)
    suffixes = Counter(fit.suffix for fit in fits if fit.suffix)
    how = f"{len(fits):,} of {n_names:,} images are found"
    if folders:
        how += f" in {', '.join(f'{folder}/' for folder, _ in folders.most_common(3))}"
    if suffixes:
        how += f" by names without suffix ({', '.join(end for end, _ in suffixes.most_common(3))})"
    return how


def _key(base: str) -> str:
    return base if base.isascii() else unicodedata.normalize("NFC", base)


def _fitting(by_base: dict[str, list[str]], name: str) -> list[_Fit]:
    plain = os.path.normpath(name)
    if plain.startswith(".."):
        return []
    end = _key(plain)
    fitting = []
    for path in by_base.get(_key(os.path.basename(plain)), ()):  # noqa: PTH119
        stem, suffix = os.path.splitext(path)  # noqa: PTH122
        for candidate, rest in ((_key(path), ""), (_key(stem), suffix)):
            if candidate == end or candidate.endswith(f"/{end}"):
                fitting.append(_Fit(path, candidate[: -len(end)].rstrip("/"), rest))
                break
    return fitting


def _refuse_several(source: str, name: str, fitting: Sequence[_Fit]) -> NoReturn:
    first, second = fitting[:2]
    problem = f"{source}: image {shown(name)} may be {first.path} or {second.path} in its folder"
    suffixes = {fit.suffix for fit in fitting}
    if len(suffixes) == len(fitting):
        choices = [(f"--image-suffix {end}", f"to take {end}") for end in sorted(suffixes)[:3]]
    else:
        place = Path(source).parent
        choices = [
            (f"--image-root {shlex.quote(str(place / fit.folder))}", f"to take {fit.folder or '.'}")
            for fit in fitting[:3]
        ]
    raise UnclearInputError(problem, choices)


def _image_files(folder: Path) -> list[str]:
    """Return the images anywhere below a folder, relative to it."""
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        start = os.path.relpath(place, folder)
        prefix = "" if start == "." else f"{start}/".replace(os.sep, "/")
        found += [prefix + name for name in sorted(names) if has_image_suffix(name)]
    return found


def read_images(
    records: Records, column: str, options: TableOptions | None = None
) -> tuple[list[str], list[str]]:
    """Return the image names and their absolute paths.

    A missing image is not an error here, since it is listed when images are read; a table without
    any existing image is.

    Raises
    ------
    InputError
        If a cell names no file, two rows name the same one, or none of the files exists.
    """
    options = options or TableOptions()
    images = list(records.columns[column])
    _check_names(records, images)
    root = options.image_root
    folder = Path(records.source).absolute().parent if root is None else Path(root)
    found = find_images(records.source, folder, images, options.image_suffix)
    for note in found.notes:
        records.note(note)
    _check_twice(records, column, found.paths)
    return found.images, found.paths


def _check_names(records: Records, images: list[object]) -> None:
    for i, image in enumerate(images):
        if not isinstance(image, str):
            if image is None:
                records.refuse(i, "no image; write the path of the image")
            records.refuse(i, f"image {shown(image)} is not a text; write the path of the image")
        if len(image) > MAX_PATH_LENGTH:
            records.refuse(i, f"image {shown(image)} is too long for a path; write its path")
        if not image or image.isspace():
            records.refuse(i, "no image; write the path of the image")
        if "://" in image:
            records.refuse(
                i, f"image {shown(image)} is an address; download the image and write its path"
            )
        if "\0" in image:
            records.refuse(i, f"image {shown(image)} holds a NUL character; write its path")


def _check_twice(records: Records, column: str, paths: list[str]) -> None:
    # Normalising every path would be slow; most need none.
    keys = [os.path.normpath(path) if "./" in path or "//" in path else path for path in paths]
    if len(set(keys)) == len(keys):
        return
    first: dict[str, int] = {}
    for i, key in enumerate(keys):
        if key in first:
            other = records.rows[first[key]]
            image = shown(records.columns[column][i])
            records.refuse(i, f"image {image} is also in row {other}; keep one of the rows")
        first[key] = i
