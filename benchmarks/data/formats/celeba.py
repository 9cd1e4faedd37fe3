"""CelebA: a list of attributes with 1 and -1."""

from collections.abc import Iterator
from pathlib import Path

from ...utils import InputError
from ..tables import LabelTable, read_text, shown
from .collector import LabelCollector
from .format import CERTAIN, Detection, Format
from .source import Source

_PLACES = ("", "Anno", "Eval", "celeba")
_PARTS = {"0": "train", "1": "val", "2": "test"}
_FLAGS = {"1": True, "-1": False}


def detect(source: Source) -> Detection | None:
    """Return a detection where a list_attr_*.txt or .csv lies."""
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
    detect,
    read_celeba,
    ("list_attr_celeba.txt", "list_eval_partition.txt", "img_align_celeba"),
)
