"""Read a data set in any of the known formats; describe what is in no known format."""

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element

from ...utils import InputError, UnclearInputError
from ..tables import (
    EVERY_FORMAT,
    LabelTable,
    TableOptions,
    is_table_name,
    quoted,
    read_label_table,
    refuse_for_other_formats,
)
from .folders import is_part_name, read_table_at
from .format import Format
from .image_files import folders_in, images_in
from .parsing import describe, read_xml
from .registry import FORMATS, detect_formats
from .source import Source

_MAX_NAMES = 6
_MAX_FILES = 2000
_DATA_FREE = (".jpg", ".jpeg", ".png")
_ADVICE = "or write a label table (image,labels)"


def refuse_unknown(source: Source, formats: Sequence[Format]) -> LabelTable:
    """Read a path of unknown format as a label table, or raise the error that describes it.

    Raises
    ------
    InputError
        One line with the observation, the nearest format and what to do.
    """
    path = source.path
    if path.is_dir():
        raise InputError(_folder(source, formats))
    if source.suffix in (".json", ".manifest"):
        content = source.json  # raises where it is no JSON
        seen = describe(content)
        raise InputError(f"{path}: {seen}; {_nearest(_keys(content), formats)}")
    if source.suffix == ".xml":
        tree = read_xml(path)
        children = dict.fromkeys(child.tag for child in tree)
        inside = f" with {_listed(f'<{tag}>' for tag in children)}" if children else ""
        hint = _of_one_image(path, tree) or _nearest({tree.tag, *children}, formats)
        raise InputError(f"{path}: a <{tree.tag[:60]}>{inside}; {hint}")
    if not is_table_name(path) and source.suffix in _DATA_FREE:
        raise InputError(f"{path}: an image; name the table or the folder that holds its labels")
    return read_label_table(path)  # refuses the name


def _folder(source: Source, formats: Sequence[Format]) -> str:
    path = source.path
    folders = folders_in(path)
    images = images_in(path)
    files = [file.name for file in source.label_files]
    inner = [name for folder in folders for name in _label_files_below(folder)]
    seen = []
    if folders:
        listed = _listed(folder.name for folder in folders)
        seen.append(f"{_number(len(folders), 'folder')} ({listed})")
    if images:
        seen.append(_number(len(images), "image"))
    if files or inner:
        count = _number(len(files) + len(inner), "label file")
        seen.append(f"{count} ({_listed([*files, *inner])})")
    if not seen:
        held = (
            "it is empty" if not any(path.iterdir()) else "it holds no folder, image or label file"
        )
        return f"{path}: no data set known here; {held}"
    words = {*(folder.name for folder in folders), *files}
    for member in source.members(".json"):
        words |= _keys(member.json)  # raises where it is no JSON
    for member in source.members(".csv"):
        words |= set(member.header)
    if files or inner:
        hint = _nearest(words, formats, least=2)
    elif images or any(map(images_in, folders)):
        hint = "the images have no labels; put a labels.csv (image,labels) into it"
    else:
        hint = "no labels and no images there; is it the right folder?"
    return (
        f"{path}: no data set known here, but {', '.join(seen)}; {hint}; --format NAME reads it in "
        "one format nevertheless"
    )


def _label_files_below(folder: Path) -> list[str]:
    """Return the first files below a folder that may hold labels, relative to its parent."""
    found = []
    for number, file in enumerate(folder.rglob("*")):
        if number > _MAX_FILES:
            break
        if file.suffix.lower() in (".csv", ".json", ".jsonl", ".xml", ".txt") and file.is_file():
            found.append(file.relative_to(folder.parent).as_posix())
    return sorted(found)


def _nearest(words: set[str], formats: Sequence[Format], least: int = 1) -> str:
    """Return advice that names the format with the most names in common."""
    scores = {one: len(words.intersection(one.words)) for one in formats if one.words}
    best = max(scores, key=lambda one: (scores[one], scores[one] / len(one.words)), default=None)
    if best is None or scores[best] < least:
        return f"no known export looks like this; export it in another format, {_ADVICE}"
    missing = [word for word in best.words if word not in words]
    lacks = f", which also has {_listed(map(repr, missing))}" if missing else ""
    return f"nearest to {best.name} ({best.about}){lacks}; export it again, {_ADVICE}"


def _of_one_image(path: Path, tree: Element) -> str:
    if tree.tag == "annotation" and tree.find("filename") is not None:
        return (
            "the annotation of one image; name the folder that holds JPEGImages and Annotations, "
            f"not {path.name}"
        )
    return ""


def _keys(content: object) -> set[str]:
    """Return the names that a JSON document uses in its first two levels."""
    found: set[str] = set()
    if isinstance(content, list) and content:
        return _keys(content[0])
    if isinstance(content, dict):
        found |= {str(key) for key in list(content)[:100]}
        for value in list(content.values())[:20]:
            first = value[0] if isinstance(value, list) and value else value
            if isinstance(first, dict):
                found |= {str(key) for key in list(first)[:50]}
    return found


def _listed(names: Iterable[str]) -> str:
    shown = [re.sub(r"[\x00-\x1f\x7f]", "?", name)[:60] for name in names]
    more = ", ..." if len(shown) > _MAX_NAMES else ""
    return ", ".join(shown[:_MAX_NAMES]) + more


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def read_dataset(
    path: str | os.PathLike[str],
    format: str | None = None,
    options: TableOptions | None = None,
    *,
    needs_split: bool = True,
) -> LabelTable:
    """Read the data set at a path in any known format.

    Parameters
    ----------
    path : path-like
        A label table, or a file or folder in one of `FORMATS`.
    format : str, optional
        The name of its format, if it cannot be detected.
    options : TableOptions, optional
        How to read a label table, if that is not clear from it.
    needs_split : bool, default=True
        Refuse a label table whose split lacks training or test images.

    Returns
    -------
    LabelTable
        With ready features in `X` if the format has these instead of images.

    Raises
    ------
    InputError
        If the path does not exist, or fits no format or several.

    Examples
    --------
    >>> read_dataset("no/such/place")
    Traceback (most recent call last):
        ...
    catnocat.benchmarks.utils.errors.InputError: no/such/place: no such file or folder
    """
    place = Path(path)
    if not place.exists():
        raise InputError(f"{place}: no such file or folder")
    options = options or TableOptions()
    source = Source(place)
    by_name = {form.name: form for form in FORMATS}
    if format is not None:
        if format not in by_name:
            raise InputError(f"--format {format}: unknown; known are {', '.join(by_name)}")
        return _read(by_name[format], source, options, needs_split)
    if place.is_file() and is_table_name(place) and set(options.given()) - set(EVERY_FORMAT):
        return read_label_table(place, options, needs_split=needs_split)
    found = detect_formats(source)
    if len(found) > 1:
        guesses = " or ".join(
            f"{form.name} ({form.about}; {detection.reason})" for form, detection in found
        )
        raise InputError(f"{place}: could be {guesses}; choose one with --format NAME")
    if found:
        return _read(found[0][0], source, options, needs_split)
    if place.is_dir() and (
        parts := [part.name for part in folders_in(place) if is_part_name(part.name)]
    ):
        raise UnclearInputError(
            f"{place}: folders {quoted(parts)} are named like parts of a data set, and no "
            "table of labels is next to them; put a labels.csv (image,labels) there",
            [("--format image-folder", "if each folder is a label")],
        )
    return refuse_unknown(source, FORMATS)


def _read(form: Format, source: Source, options: TableOptions, needs_split: bool) -> LabelTable:
    if form.name == "table":
        return read_table_at(source.path, options, needs_split=needs_split)
    refuse_for_other_formats(options, source.path, form.name)
    try:
        return form.read(source)
    except RecursionError:
        raise InputError(
            f"{source.path}: nested too deeply to be a data set in the format {form.name}"
        ) from None
