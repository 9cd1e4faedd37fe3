"""Hugging Face data sets: saved to disk, or Parquet files with their features inside.

Both are Arrow files that say themselves what their columns mean, so that pyarrow reads them; the
`datasets` library is not needed, and no code of a data set is run.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ...utils import InputError
from ..tables import LabelTable, shown, split_parts
from .arrow_files import Part, find_parts, read_rows
from .build import build_table
from .embedded_images import keep_image


def is_huggingface(path: Path) -> bool:
    """Tell whether a path is a data set saved to disk, or Parquet with Hugging Face's features."""
    return bool(find_parts(path))


def read_huggingface(path: Path) -> LabelTable:
    """Read a data set with a column of pictures and a column of labels.

    The pictures are the first column of type Image. The labels are the column ``labels``, else the
    only one that holds lists of texts or of class numbers, else the only class. Pictures that lie
    inside the file are copied once into the cache, since features are computed from files.

    Parameters
    ----------
    path : Path
        What ``Dataset.save_to_disk`` or ``DatasetDict.save_to_disk`` made, a Parquet file, or a
        folder with ``data/<part>-*.parquet``.

    Raises
    ------
    InputError
        If a file is broken, there are no such columns, or a cell does not fit.
    """
    parts = find_parts(path)
    if not parts:
        raise InputError(f"{path}: no data set of Hugging Face's; save it with save_to_disk")
    features = parts[0].features
    picture = _image_column(path, features)
    column, classes = _label_column(path, features)
    root = path.parent if path.is_file() else path
    images: list[str] = []
    words: list[str] = []
    carried: list[list[str]] = []
    for part in parts:
        for where, row in _rows(part, picture, column):
            images.append(keep_image(where, root, row[picture]))
            words.append(part.name)
            carried.append(_labels(where, column, row[column], classes))
    names = classes or sorted(set().union(*map(set, carried)))
    position = {name: j for j, name in enumerate(names)}
    Y = np.zeros((len(images), len(names)), dtype=np.uint8)
    for i, labels in enumerate(carried):
        Y[i, [position[label] for label in labels]] = 1
    known = set(words) <= set(split_parts(()))
    return build_table(root, images, names, Y, name=path.stem, parts=words if known else None)


def _rows(part: Part, *columns: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, row in enumerate(read_rows(part, columns), start=1):
        yield f"{part.files[0]} row {number}", row


def _image_column(path: Path, features: dict[str, Any]) -> str:
    for name, feature in features.items():
        if isinstance(feature, dict) and feature.get("_type") == "Image":
            return name
    raise InputError(f"{path}: none of its columns ({', '.join(features)}) is of type Image")


def _label_column(path: Path, features: dict[str, Any]) -> tuple[str, list[str]]:
    """Give the column of labels and, where they are numbers, what the numbers mean."""
    lists = {name: item for name, one in features.items() if (item := _item(one)) is not None}
    single = {
        name: one
        for name, one in features.items()
        if isinstance(one, dict) and one.get("_type") == "ClassLabel"
    }
    candidates = lists or single
    if "labels" in candidates:
        candidates = {"labels": candidates["labels"]}
    if len(candidates) != 1:
        held = ", ".join(candidates or features)
        raise InputError(f"{path}: which column holds the labels: {held}? Call it 'labels'")
    name, kind = next(iter(candidates.items()))
    names = kind.get("names", [])
    if not isinstance(names, list):
        raise InputError(f"{path}: the names of the classes of {name!r} are no list")
    return name, [str(label) for label in names]


def _item(feature: Any) -> dict[str, Any] | None:
    """Give what a list holds, if it holds texts or classes."""
    if isinstance(feature, list) and len(feature) == 1:  # how older versions write a list
        item = feature[0]
    elif isinstance(feature, dict) and feature.get("_type") in ("List", "LargeList", "Sequence"):
        item = feature.get("feature")
    else:
        return None
    is_label = isinstance(item, dict) and (
        item.get("_type") == "ClassLabel"
        or (item.get("_type") == "Value" and item.get("dtype") in ("string", "large_string"))
    )
    return item if is_label else None


def _labels(where: str, column: str, cell: Any, classes: list[str]) -> list[str]:
    if cell is None:
        return []
    cells = cell if isinstance(cell, list) else [cell]
    if not classes:
        if not all(isinstance(one, str) for one in cells):
            raise InputError(f"{where}: {column!r} holds {shown(cells)}, not texts")
        return cells
    wrong = next((one for one in cells if one not in range(len(classes))), None)
    if wrong is not None or len(set(cells)) != len(cells):
        raise InputError(
            f"{where}: {column!r} holds {shown(cells)}, not different numbers below {len(classes)}"
        )
    return [classes[one] for one in cells]
