"""Published data sets with formats of their own: CelebA, MIRFLICKR and NUS-WIDE."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...utils import InputError
from ..tables import LabelTable, read_text, shown
from .build import build_table
from .collector import LabelCollector
from .format import CERTAIN, Detection, Format
from .image_files import folders_in, images_in, is_image_path
from .source import Source

_PLACES = ("", "Anno", "Eval", "celeba")
_PARTS = {"0": "train", "1": "val", "2": "test"}
_FLAGS = {"1": True, "-1": False}


def detect_celeba(source: Source) -> Detection | None:
    """Detect a list_attr_*.txt or .csv."""
    file = _find(source, "list_attr_")
    return Detection(CERTAIN, f"{file.name} of CelebA") if file else None


def read_celeba(source: Source) -> LabelTable:
    """Read ``list_attr_celeba.txt`` (or the ``.csv`` of Kaggle) and the lists next to it.

    1 is present and -1 absent. ``list_eval_partition`` gives the split, and ``identity_CelebA.txt``
    the group: photographs of one person stay on one side.

    Raises
    ------
    InputError
        If a list is broken.
    """
    file = _find(source, "list_attr_")
    if file is None:
        raise InputError(f"{source.path}: no list_attr_celeba.txt or .csv there")
    rows = list(_rows(file))
    if len(rows) < 2:
        raise InputError(f"{file}: no images in it")
    names = rows[0][1]
    split = _pairs(_find(source, "list_eval_partition"))
    identity = _pairs(_find(source, "identity_"))
    root = source.root.parent if source.root.name in _PLACES[1:3] else source.root
    collector = LabelCollector(Source(root), names)
    for row, (image, *flags) in rows[1:]:
        where = f"{file} row {row}"
        if len(flags) != len(names):
            raise InputError(f"{where}: {len(flags)} values for {len(names)} attributes")
        wrong = next((flag for flag in flags if flag not in _FLAGS), None)
        if wrong is not None:
            raise InputError(f"{where}: {shown(wrong)} is neither 1 nor -1")
        part = split.get(image, "")
        if part and part not in _PARTS:
            raise InputError(f"{where}: partition {shown(part)} of {image} is none of 0, 1, 2")
        labels = [name for name, flag in zip(names, flags, strict=True) if _FLAGS[flag]]
        collector.add(
            where, image, labels, part=_PARTS.get(part, ""), group=identity.get(image, "")
        )
    return collector.table()


def _find(source: Source, start: str) -> Path | None:
    if source.path.is_file():
        if start == "list_attr_":
            fits = source.path.name.lower().startswith(start) and source.suffix in (".txt", ".csv")
            return source.path if fits else None
        folders = [source.path.parent, source.path.parent.parent / "Eval"]
    else:
        folders = [source.path / place for place in _PLACES]
    for folder in folders:
        for suffix in ("txt", "csv"):
            found = sorted(folder.glob(f"{start}*.{suffix}"))
            if found:
                return found[0]
    return None


def _rows(file: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the names of the attributes, and then each image with its values."""
    lines = read_text(str(file)).splitlines()
    comma = file.suffix.lower() == ".csv"
    started = False
    for row, line in enumerate(lines, start=1):
        cells = [cell.strip() for cell in line.split(",")] if comma else line.split()
        if not any(cells):
            continue
        if not started:
            if not comma and len(cells) == 1 and cells[0].isdigit():
                continue  # the number of images
            started = True
            yield row, cells[1:] if comma else cells
        else:
            yield row, cells


def _pairs(file: Path | None) -> dict[str, str]:
    if file is None:
        return {}
    separator = "," if file.suffix.lower() == ".csv" else None
    cells = [line.split(separator) for line in read_text(str(file)).splitlines()]
    return {pair[0].strip(): pair[1].strip() for pair in cells if len(pair) == 2}


CELEBA = Format(
    "celeba",
    "CelebA: list_attr_celeba.txt",
    detect_celeba,
    read_celeba,
    ("list_attr_celeba.txt", "list_eval_partition.txt", "img_align_celeba"),
)


_RELEVANT = "_r1"


def detect_mirflickr(source: Source) -> Detection | None:
    """Detect images ``im<number>`` with lists of numbers."""
    found = _layout(source.path)
    return Detection(CERTAIN, f"{found[0].name} has lists of image numbers") if found else None


def read_mirflickr(source: Source) -> LabelTable:
    """Read ``mirflickr25k_annotations_v080/<label>.txt`` and ``mirflickr/im<number>.jpg``.

    An image has the label of each list that holds its number; all images are labelled. The lists
    ``<label>_r1.txt`` (the label is the subject of the image) are part of ``<label>.txt``, and are
    left out.

    Raises
    ------
    InputError
        If a list is broken, or names an image that is not there.
    """
    found = _layout(source.path)
    if found is None:
        raise InputError(f"{source.path}: no lists of image numbers next to im1.jpg, im2.jpg, ...")
    folder, images = found
    numbered = {
        int(name[2:].partition(".")[0]): name
        for name in images_in(images)
        if name[2:].partition(".")[0].isdigit()
    }
    lists = {
        file.stem: _numbers(file) for file in _lists(folder) if not file.stem.endswith(_RELEVANT)
    }
    carried: dict[int, list[str]] = {number: [] for number in sorted(numbered)}
    for label, numbers in lists.items():
        for row, number in numbers:
            if number not in carried:
                raise InputError(f"{folder / label}.txt row {row}: no image im{number} in {images}")
            carried[number].append(label)
    collector = LabelCollector(source, list(lists))
    for number, labels in carried.items():
        path = (images / numbered[number]).relative_to(source.root).as_posix()
        collector.add(f"{folder}: image {number}", path, labels)
    return collector.table()


def _layout(path: Path) -> tuple[Path, Path] | None:
    """Return the folder of the lists and the folder of the images."""
    if not path.is_dir():
        return None
    folders = [path, *folders_in(path)]
    lists = next((folder for folder in folders if len(_lists(folder)) > 1), None)
    images = next((folder for folder in folders if _has_numbered(folder)), None)
    return (lists, images) if lists and images else None


def _has_numbered(folder: Path) -> bool:
    return any(
        file.name.startswith("im") and file.stem[2:].isdigit() and is_image_path(file.name)
        for file in (folder / "im1.jpg", folder / "im0.jpg", *sorted(folder.glob("im*.*"))[:3])
        if file.is_file()
    )


def _lists(folder: Path) -> list[Path]:
    files = sorted(file for file in folder.glob("*.txt") if file.stem.lower() != "readme")
    return files if files and all(map(_is_list, files[:4])) else []


def _is_list(file: Path) -> bool:
    try:
        with file.open("rb") as opened:
            head = opened.read(200)
    except OSError:
        return False
    return bool(head.split()) and all(word.isdigit() for word in head.split())


def _numbers(file: Path) -> list[tuple[int, int]]:
    numbers = []
    for row, line in enumerate(read_text(str(file)).splitlines(), start=1):
        if line.strip():
            if not line.strip().isdecimal() or len(line.strip()) > 9:
                raise InputError(f"{file} row {row}: {shown(line)} is not the number of an image")
            numbers.append((row, int(line)))
    return numbers


MIRFLICKR = Format(
    "mirflickr",
    "MIRFLICKR: a list of image numbers per label",
    detect_mirflickr,
    read_mirflickr,
    ("mirflickr", "mirflickr25k_annotations_v080", "im1.jpg"),
)


_LISTS = {"train": "TrainImagelist.txt", "test": "TestImagelist.txt"}
_SUFFIX = {"train": "_Train", "test": "_Test", "": ""}


def is_nus_wide(path: Path) -> bool:
    """Return whether a folder holds ImageList/ and Groundtruth/."""
    return (path / "ImageList").is_dir() and (path / "Groundtruth").is_dir()


def read_nus_wide(path: Path) -> LabelTable:
    r"""Read NUS-WIDE, or anything laid out like it.

    ``Groundtruth/TrainTestLabels/Labels_<label>_Train.txt`` and ``_Test.txt`` go with
    ``ImageList/TrainImagelist.txt`` and ``TestImagelist.txt``; without these,
    ``Groundtruth/AllLabels/Labels_<label>.txt`` goes with ``ImageList/Imagelist.txt`` and there is
    no split. Line by line: an image (``\`` and ``/`` are the same), and a 0 or 1.

    Parameters
    ----------
    path : Path
        The folder; the images are below its ``Flickr``, its ``images``, or itself.

    Raises
    ------
    InputError
        If a list is missing, broken, or of another length than the images.
    """
    lists = {part: path / "ImageList" / name for part, name in _LISTS.items()}
    split = all(file.is_file() for file in lists.values()) and any(
        (path / "Groundtruth" / "TrainTestLabels").glob("Labels_*_Train.txt")
    )
    if not split:
        lists = {"": path / "ImageList" / "Imagelist.txt"}
    folder = path / "Groundtruth" / ("TrainTestLabels" if split else "AllLabels")
    labels = _labels(folder, _SUFFIX["train" if split else ""])
    names: list[str] = []
    parts: list[str] = []
    blocks = []
    for part, file in lists.items():
        images = [line.strip().replace("\\", "/") for line in read_text(str(file)).splitlines()]
        images = [image for image in images if image]
        columns = [
            _flags(folder / f"Labels_{label}{_SUFFIX[part]}.txt", file, len(images))
            for label in labels
        ]
        blocks.append(np.column_stack(columns))
        names += images
        parts += [part] * len(images)
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"{path}/ImageList: {shown(twice)} is repeated in the lists")
    place = _image_folder_of(path, names)
    images = [place + name for name in names]
    return build_table(path, images, labels, np.concatenate(blocks), parts=parts if split else None)


def _labels(folder: Path, suffix: str) -> list[str]:
    start, end = "Labels_", f"{suffix}.txt"
    labels = sorted(
        file.name.removeprefix(start).removesuffix(end) for file in folder.glob(f"{start}*{end}")
    )
    if not labels:
        raise InputError(f"{folder}: no {start}<label>{end} there")
    return labels


def _flags(file: Path, images: Path, length: int) -> NDArray[np.uint8]:
    lines = read_text(str(file)).split()
    for row, line in enumerate(lines, start=1):
        if line not in ("0", "1"):
            raise InputError(f"{file} row {row}: {shown(line)} is neither 0 nor 1")
    if len(lines) != length:
        raise InputError(f"{file}: {len(lines)} values for the {length} images of {images.name}")
    return np.array(lines, dtype=np.uint8)


def _image_folder_of(root: Path, names: list[str]) -> str:
    for place in ("Flickr/", "images/"):
        if any((root / place / name).is_file() for name in names[:20]):
            return place
    return ""
