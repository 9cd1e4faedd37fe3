"""Open Images: a CSV of verified labels."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ...utils import InputError
from ..tables import LabelTable, check_label_matrix, shown
from .build import build_table
from .image_files import images_below

_COLUMNS = ("ImageID", "LabelName", "Confidence")
_PARTS = {"train": "train", "validation": "val", "test": "test"}
_PLACES = ("annotations", "labels")
_FIFTYONE = "classifications.csv"
_VERDICTS = {"0": 0, "0.0": 0, "1": 1, "1.0": 1}

Verdicts = dict[tuple[str, str], int | None]
"""(image, code of the label) -> 1 present, 0 absent, None for contradicting rows."""


def is_open_images(path: Path) -> bool:
    """Return whether a path is a CSV of image-level labels, or a folder with such files."""
    if path.is_file():
        return path.suffix.lower() == ".csv" and _has_columns(path)
    return any(map(_has_columns, _label_files(path)))


def read_open_images(path: Path) -> LabelTable:
    """Read verified image-level labels.

    Confidence 1 is present and 0 absent; labels that are not in the file were not verified and are
    unknown. A file without any 0, as Datumaro writes it, lists what is present: the rest is absent.
    Images are files ``ID.jpg`` anywhere below the folder; missing ones are left out. Labels have
    the names in ``*class-descriptions*.csv``, if there is one.

    Parameters
    ----------
    path : Path
        The CSV (``ImageID,...,LabelName,Confidence``), or the folder that holds one per part.

    Raises
    ------
    InputError
        If a row is broken, or none of the images is there.
    """
    root = path.parent if path.is_file() else path
    if path.is_file() and root.name in _PLACES:
        root = root.parent
    files = [
        file for file in ([path] if path.is_file() else _label_files(path)) if _has_columns(file)
    ]
    if not files:
        raise InputError(f"{path}: no CSV with the columns {', '.join(_COLUMNS)}")
    image_paths = {Path(image).stem: image for image in images_below(root)}
    names = _class_names(root)
    verdicts: Verdicts = {}
    part_of: dict[str, str] = {}
    first: dict[str, str] = {}
    for file in files:
        word = file.parent.parent.name if file.name == _FIFTYONE else file.name
        part = next((short for long, short in _PARTS.items() if long in word), "train")
        for row, image, code, verdict in _rows(file):
            first = first or {image: f"{file} row {row}"}
            known_as = _stem_of(image, image_paths)
            if known_as is None:
                continue
            image = known_as
            if part_of.setdefault(image, part) != part:
                raise InputError(f"{file} row {row}: {shown(image)} is in another part too")
            answer = verdicts.setdefault((image, code), verdict)
            if answer != verdict:
                verdicts[image, code] = None
    if verdicts and 0 not in verdicts.values():
        for image, part in _other_images(root, files, image_paths).items():
            part_of.setdefault(image, part)
        verdicts = _complete(verdicts, part_of)
    if not part_of:
        where = next(iter(first.values()), str(files[0]))
        raise InputError(f"{where}: no image of that name, nor of any other, below {root}")
    return _table(root, image_paths, names, verdicts, part_of)


def _complete(verdicts: Verdicts, part_of: dict[str, str]) -> Verdicts:
    """Return the verdicts of a file of presences only: what is not listed is absent."""
    codes = dict.fromkeys(code for _, code in verdicts)
    absent: Verdicts = {(image, code): 0 for image in part_of for code in codes}
    return absent | verdicts


def _other_images(root: Path, files: list[Path], image_paths: dict[str, str]) -> dict[str, str]:
    """Return the images of the lists ``*images*.csv``: those without a label are in these only."""
    found: dict[str, str] = {}
    for folder in dict.fromkeys(file.parent for file in files):
        for file in sorted(folder.glob("*images-with-rotation*.csv")):
            part = next((short for long, short in _PARTS.items() if long in file.name), "train")
            with file.open(encoding="utf-8-sig", errors="replace", newline="") as opened:
                for row in csv.reader(opened):
                    if row and (image := _stem_of(row[0].strip(), image_paths)):
                        found[image] = part
    return found


def _table(
    root: Path,
    image_paths: dict[str, str],
    names: dict[str, str],
    verdicts: Verdicts,
    part_of: dict[str, str],
) -> LabelTable:
    codes = sorted({code for _, code in verdicts}, key=lambda code: names.get(code, code))
    column = {code: j for j, code in enumerate(codes)}
    row = {image: i for i, image in enumerate(part_of)}
    check_label_matrix(root, len(row), len(column), len(verdicts))
    Y = np.zeros((len(row), len(column)), dtype=np.uint8)
    known = np.zeros(Y.shape, dtype=np.bool_)
    for (image, code), verdict in verdicts.items():
        Y[row[image], column[code]] = verdict or 0
        known[row[image], column[code]] = verdict is not None
    return build_table(
        root,
        [image_paths[image] for image in row],
        [names.get(code, code) for code in codes],
        Y,
        parts=list(part_of.values()),
        known=known,
    )


def _label_files(folder: Path) -> list[Path]:
    """Return the CSV files of a folder, of its ``annotations/`` or ``labels/``, or of its parts."""
    for pattern in (
        "*imagelabels*.csv",
        "annotations/*imagelabels*.csv",
        "labels/*imagelabels*.csv",
    ):
        if found := sorted(folder.glob(pattern)):
            return found
    return sorted(folder.glob("*/labels/classifications.csv"))  # as FiftyOne downloads it


def _has_columns(file: Path) -> bool:
    try:
        with file.open(encoding="utf-8-sig", errors="replace", newline="") as opened:
            return set(_COLUMNS) <= set(opened.readline(1000).strip().split(","))
    except OSError:
        return False


def _rows(file: Path) -> Iterator[tuple[int, str, str, int]]:
    """Generate the rows: the file of all training labels is too large to be read at once."""
    with file.open(encoding="utf-8-sig", errors="replace", newline="") as opened:
        reader = csv.reader(opened)
        header = next(reader)
        at = [header.index(name) for name in _COLUMNS]
        for cells in reader:
            row = reader.line_num
            if len(cells) != len(header):
                raise InputError(f"{file} row {row}: {len(cells)} cells, not {len(header)}")
            image, code, confidence = (cells[j].strip() for j in at)
            if confidence not in _VERDICTS:
                raise InputError(
                    f"{file} row {row}: confidence {shown(confidence)} is neither 0 nor 1; take "
                    "the file of labels that people verified (human-imagelabels)"
                )
            yield row, image, code, _VERDICTS[confidence]


def _stem_of(image: str, image_paths: dict[str, str]) -> str | None:
    """Return the key of an image; Datumaro writes the folder into the id, and others do not."""
    if image in image_paths:
        return image
    last = image.rpartition("/")[2]
    return last if last in image_paths else None


def _class_names(root: Path) -> dict[str, str]:
    """Return the names of the codes; a name of two codes is followed by the code."""
    patterns = ("", "annotations/", "metadata/", "labels/")
    files = [file for start in patterns for file in sorted(root.glob(f"{start}*class-desc*.csv"))]
    files += sorted(root.glob("*/metadata/classes.csv"))
    if not files:
        return {}
    with files[0].open(encoding="utf-8-sig", errors="replace", newline="") as opened:
        pairs = [row for row in csv.reader(opened) if len(row) == 2]
    names = {code.strip(): re.sub(r"[|\s]+", " ", name).strip() for code, name in pairs}
    met = Counter(names.values())
    return {code: name if met[name] == 1 else f"{name} ({code})" for code, name in names.items()}
