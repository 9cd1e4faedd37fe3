"""MIRFLICKR-25000: a text file of image numbers per label."""

from pathlib import Path

from ...utils import InputError
from ..tables import LabelTable, read_text, shown
from .collector import LabelCollector
from .format import CERTAIN, Detection, Format
from .image_files import folders_in, images_in, is_image_path
from .source import Source

_RELEVANT = "_r1"


def detect(source: Source) -> Detection | None:
    """Return a detection where images ``im<number>`` and lists of numbers lie."""
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
    detect,
    read_mirflickr,
    ("mirflickr", "mirflickr25k_annotations_v080", "im1.jpg"),
)
