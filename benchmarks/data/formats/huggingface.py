"""Hugging Face data sets: saved to disk, or Parquet files with their features inside.

Both are Arrow files whose metadata describes their columns, so that pyarrow reads them; the
`datasets` library is not needed, and no code of a data set is run.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ....features import cache_folder
from ...utils import InputError
from ..tables import LabelTable, check_label_matrix, check_parquet_size, shown, split_parts
from .build import build_table

_SUFFIX_OF = {b"\xff\xd8": ".jpg", b"\x89P": ".png", b"GI": ".gif", b"RI": ".webp", b"BM": ".bmp"}


def keep_image(where: str, root: Path, cell: Any) -> str:
    """Return the path of the image in a cell, relative to the root if it is below it.

    Bytes are written into the cache folder under their sha256, once.

    Raises
    ------
    InputError
        If the cell holds neither bytes nor a path.
    """
    content, path = (
        (cell.get("bytes"), cell.get("path")) if isinstance(cell, dict) else (None, cell)
    )
    if content is None:
        if not isinstance(path, str) or not path:
            raise InputError(f"{where}: no image; it holds neither bytes nor a path")
        return path
    digest = hashlib.sha256(content).hexdigest()
    suffix = _SUFFIX_OF.get(content[:2], ".img")
    file = cache_folder() / "pictures" / digest[:2] / (digest + suffix)
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_suffix(f".{os.getpid()}.partial")
        partial.write_bytes(content)
        partial.replace(file)
    return str(file)


_METADATA = b"huggingface"
_BATCH_ROWS = 64


@dataclass(frozen=True)
class Part:
    """A part of a data set.

    Attributes
    ----------
    name : str
        As in "train"; empty where there is one part only.
    files : list of Path
    features : dict
        What each column means, as the `datasets` library writes it.
    """

    name: str
    files: list[Path]
    features: dict[str, Any]


def find_parts(path: Path) -> list[Part]:
    """Return the parts of the data set at a path; an empty list if there is no data set."""
    try:
        return _find_parts(path)
    except (
        *(OSError, ValueError, KeyError, TypeError, AttributeError),
        *(NotImplementedError, MemoryError, RecursionError),  # so do Arrow and json
    ):  # anything that is not as documented
        return []


def _find_parts(path: Path) -> list[Part]:
    if path.is_file():
        features = _parquet_features(path) if path.suffix.lower() == ".parquet" else None
        return [Part("", [path], features)] if features else []
    if (path / "dataset_dict.json").is_file():
        return [_saved(path / name, name) for name in _json(path / "dataset_dict.json")["splits"]]
    if (path / "state.json").is_file():
        return [_saved(path, "")]
    grouped: dict[str, list[Path]] = {}
    for file in sorted([*path.glob("*.parquet"), *path.glob("data/*.parquet")]):
        grouped.setdefault(file.stem.split("-")[0], []).append(file)
    found = [(name, files, _parquet_features(files[0])) for name, files in grouped.items()]
    return [Part(name, files, features) for name, files, features in found if features]


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _saved(folder: Path, name: str) -> Part:
    files = [folder / entry["filename"] for entry in _json(folder / "state.json")["_data_files"]]
    return Part(name, files, dict(_json(folder / "dataset_info.json")["features"]))


def _parquet_features(file: Path) -> dict[str, Any] | None:
    import pyarrow.parquet as pq  # slow to import, and needed for this format only

    metadata = pq.read_schema(file).metadata or {}
    if _METADATA not in metadata:
        return None
    return dict(json.loads(metadata[_METADATA])["info"]["features"])


def read_rows(part: Part, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Generate the rows of a part, so that its images are never all in memory.

    Raises
    ------
    InputError
        If a file is missing or broken.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    for file in part.files:
        try:
            if file.suffix == ".parquet":
                opened = pq.ParquetFile(file)
                check_parquet_size(file, opened.metadata)
                for batch in opened.iter_batches(_BATCH_ROWS, columns=list(columns)):
                    yield from batch.to_pylist()
            else:
                # Not a memory map: if the file shrinks, the process is killed.
                with pa.OSFile(str(file)) as source, pa.ipc.open_stream(source) as batches:
                    for batch in batches:
                        batch.validate(full=True)  # Arrow does not check offsets otherwise
                        yield from batch.select(list(columns)).to_pylist()
        except InputError:
            raise
        except (pa.ArrowException, OSError, ValueError, KeyError) as error:
            reason = " ".join(str(error).split())
            raise InputError(f"{file}: cannot be read ({reason})") from None


def is_huggingface(path: Path) -> bool:
    """Return whether a path is a saved data set, or Parquet with Hugging Face's features."""
    return bool(find_parts(path))


def read_huggingface(path: Path) -> LabelTable:
    """Read a data set with a column of images and a column of labels.

    The images are the first column of type Image. The labels are the column ``labels``, else the
    only column of lists of texts or of class numbers, else the only class. Images inside the file
    are copied once into the cache, since features are computed from files.

    Parameters
    ----------
    path : Path
        A folder of ``Dataset.save_to_disk`` or ``DatasetDict.save_to_disk``, a Parquet file, or a
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
    image_column = _image_column(path, features)
    column, classes = _label_column(path, features)
    root = path.parent if path.is_file() else path
    images: list[str] = []
    words: list[str] = []
    carried: list[list[str]] = []
    for part in parts:
        for where, row in _rows(part, image_column, column):
            images.append(keep_image(where, root, row[image_column]))
            words.append(part.name)
            carried.append(_labels(where, column, row[column], classes))
    names = classes or sorted(set().union(*map(set, carried)))
    position = {name: j for j, name in enumerate(names)}
    check_label_matrix(path, len(images), len(names), sum(map(len, carried)))
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
    """Return the column of labels and the names of its classes, if it has classes."""
    lists = {
        name: item for name, feature in features.items() if (item := _item(feature)) is not None
    }
    single = {
        name: feature
        for name, feature in features.items()
        if isinstance(feature, dict) and feature.get("_type") == "ClassLabel"
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
    """Return the type of the items of a list of texts or classes."""
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
        if not all(isinstance(label, str) for label in cells):
            raise InputError(f"{where}: {column!r} holds {shown(cells)}, not texts")
        return cells
    wrong = next((number for number in cells if number not in range(len(classes))), None)
    if wrong is not None or len(set(cells)) != len(cells):
        raise InputError(
            f"{where}: {column!r} holds {shown(cells)}, not different numbers below {len(classes)}"
        )
    return [classes[number] for number in cells]
