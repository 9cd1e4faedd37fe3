"""The answer to a path in no known format: what was seen in it, and the nearest format."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element

from ..errors import InputError
from ..tables import LabelTable, is_table_name, read_label_table
from .format import Format
from .json_file import describe
from .pictures import folders_in, pictures_below, pictures_in
from .source import Source
from .xml_tree import read_xml

_MAX_NAMES = 6
_DATA_FREE = (".jpg", ".jpeg", ".png")
_ADVICE = "or write a label table (image,labels)"


def refuse_unknown(source: Source, formats: Sequence[Format]) -> LabelTable:
    """Read a path of unknown format as a label table, or raise the error that describes it.

    Raises
    ------
    InputError
        One line: what was seen, the nearest format, and what to do.
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
    return read_label_table(path)  # refuses the name, and says what to do


def _folder(source: Source, formats: Sequence[Format]) -> str:
    path = source.path
    folders = [folder.name for folder in folders_in(path)]
    images = pictures_in(path)
    files = [file.name for file in source.label_files]
    seen = []
    if folders:
        seen.append(f"{_number(len(folders), 'folder')} ({_listed(folders)})")
    if images:
        seen.append(_number(len(images), "image"))
    if files:
        seen.append(f"{_number(len(files), 'label file')} ({_listed(files)})")
    if not seen and not any(path.iterdir()):
        return f"{path}: no data set known here; the folder is empty"
    held = ", ".join(seen) or "neither folders, images nor label files"
    words = {*folders, *files}
    for member in source.members(".json"):
        words |= _keys(member.json_or_none())
    for member in source.members(".csv"):
        words |= set(member.header)
    if not files and (images or any(pictures_below(path / name) for name in folders)):
        hint = "no labels are there: put a labels.csv (image,labels) into it"
    else:
        hint = f"{_nearest(words, formats)}; put a labels.csv (image,labels) into it"
        hint = hint.replace(f" {_ADVICE};", ";")
    return f"{path}: no data set known here, but {held}; {hint}, or name its layout with --format"


def _nearest(words: set[str], formats: Sequence[Format]) -> str:
    """Return the advice to look at the format that shares most names with what was seen."""
    plain = {word.lower() for word in words}
    scores = {
        one: len(plain & {word.lower() for word in one.words}) for one in formats if one.words
    }
    best = max(scores, key=lambda one: (scores[one], scores[one] / len(one.words)), default=None)
    if best is None or not scores[best]:
        return f"no known export looks like this; export it in another format, {_ADVICE}"
    missing = [word for word in best.words if word.lower() not in plain]
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
