"""From the cells of a table file to a LabelTable, whatever the format of the file."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .image_cells import read_images
from .label_cells import FLAGS, MISSING, from_flags, from_label_lists
from .label_table import LabelTable
from .records import Records, shown, suggestion
from .split import split_parts

RESERVED = ("image", "labels", "split", "group")
"""The columns that are not labels."""

_ANY_CASE = ("image", "labels", "split")
"""Those that a column for a label is not called; a label may well be called Group."""

_LIKE_IMAGE = (
    *("file", "filename", "file_name", "filepath", "file_path", "filenames", "files"),
    *("images", "image_name", "image_path", "image_id", "img", "img_path", "path", "paths"),
    *("picture", "photo", "id", "name"),
)
_LIKE_LABELS = ("label", "tag", "tags", "class", "classes", "category", "categories", "target")


_SHOWN = 8


def assemble(records: Records) -> LabelTable:
    """Make the LabelTable out of the cells of a file.

    Raises
    ------
    InputError
        If the cells do not make sense: names the file, the row and what to do.
    """
    label_columns = _check_columns(records)
    if not records.rows:
        records.refuse_header("only the header; write one row per picture")
    if label_columns:
        labels, Y, known = from_flags(records, label_columns)
    else:
        labels, Y, known = from_label_lists(records, "labels")
    images, paths = read_images(records, "image")
    return LabelTable(
        name=_name(records.source),
        source=records.source,
        paths=tuple(paths),
        images=tuple(images),
        labels=tuple(labels),
        Y=Y,
        known=known,
        rows=np.asarray(records.rows),
        split=_read_split(records),
        group=_read_group(records),
    )


def _name(source: str) -> str:
    path = Path(source).absolute()
    if path.suffix.lower() == ".gz":
        path = path.with_suffix("")
    return path.parent.name or path.stem if path.stem == "labels" else path.stem


def in_lower_case(records: Records) -> Records:
    """Take ``Image,Labels`` as ``image,labels``, where the two do not stand side by side."""
    given = list(records.columns)
    plain = [name.strip().lower() for name in given]
    names = {
        name: low if low in _ANY_CASE and plain.count(low) == 1 else name
        for name, low in zip(given, plain, strict=True)
    }
    return replace(records, columns={names[name]: cells for name, cells in records.columns.items()})


def _check_columns(records: Records) -> list[str]:
    """Give the 0/1 columns; none of them where a column lists the labels."""
    names = list(records.columns)
    for name in names:
        plain = name.strip().lower()
        if plain in RESERVED and plain != name:
            records.refuse_header(
                f"column {shown(name)}: write it {plain!r}; no label column can be called so"
            )
    if "image" not in names:
        by_word = {name.strip().lower(): name for name in reversed(names)}
        other = next((by_word[word] for word in _LIKE_IMAGE if word in by_word), None)
        advice = (
            f"rename {other!r}" if other else f"it names the picture of each row; {_held(names)}"
        )
        records.refuse_header(f"no column 'image'; {advice}")
    others = [name for name in names if name not in RESERVED]
    if "labels" not in names:
        if not others:
            records.refuse_header(
                "no labels; add a column 'labels' (cat|dog), or one 0/1 column per label"
            )
        for name in others:
            _check_flag_column(records, name)
        return others
    for name in others:
        if _flags_in(records.columns[name]) == 1:
            records.refuse_header(
                f"both a column 'labels' and the 0/1 column {shown(name)}; keep one of the forms"
            )
        records.refuse_header(_unknown(name))
    return []


def _held(names: Sequence[str]) -> str:
    shown_names = ", ".join(map(shown, names[:_SHOWN]))
    return f"found {shown_names}{' ...' if len(names) > _SHOWN else ''}"


def _unknown(name: str) -> str:
    known = ", ".join(RESERVED)
    return f"unknown column {shown(name)}; known are {known}{suggestion(name, RESERVED)}"


def _check_flag_column(records: Records, name: str) -> None:
    """Refuse a mistyped 'labels' or 'split' with a word about its name, not about its cells."""
    if not _flags_in(records.columns[name]):
        if name.strip().lower() in _LIKE_LABELS:
            records.refuse_header(f"column {shown(name)}: call it 'labels' (cat|dog)")
        if suggestion(name, RESERVED):
            records.refuse_header(_unknown(name))
    if name != name.strip() or not name or "|" in name:
        records.refuse_header(f"column {shown(name)} cannot name a label; avoid '|' and end spaces")


def _flags_in(cells: Sequence[object]) -> float:
    """Give the share of a column's first cells that could stand in a 0/1 column."""
    first = [str(cell).strip().lower() for cell in cells[:100]]
    filled = [cell for cell in first if cell not in MISSING]
    return sum(cell in FLAGS for cell in filled) / max(len(filled), 1)


def _read_split(records: Records) -> NDArray[np.str_] | None:
    cells = records.columns.get("split")
    if cells is None:
        return None
    words = [cell.strip().lower() if isinstance(cell, str) else cell for cell in cells]
    part = split_parts(word for word in words if isinstance(word, str))
    for i, word in enumerate(words):
        if not isinstance(word, str) or word not in part:
            hint = suggestion(word, list(part)) if isinstance(word, str) else ""
            records.refuse(i, f"split {shown(cells[i])} is none of train, val, test{hint}")
    split = np.array([part[word] for word in words])
    for name in ("train", "test"):
        if name not in split:
            records.refuse_header(
                f"the column 'split' has no {name} row; name some, or leave the column out"
            )
    return split


def _read_group(records: Records) -> NDArray[np.str_] | None:
    cells = records.columns.get("group")
    if cells is None:
        return None
    groups = ["" if cell is None else str(cell).strip() for cell in cells]
    if "" in groups:
        records.refuse(
            groups.index(""), "no group; give every picture one, or leave the column out"
        )
    return np.array(groups)
