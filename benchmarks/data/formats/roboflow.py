"""Roboflow's multi-label classification: a _classes.csv in each part."""

from pathlib import Path

from ...utils import InputError
from ..tables import LabelTable, read_records, shown
from .collector import LabelCollector
from .format import CERTAIN, Detection, Format
from .image_files import folders_in
from .source import Source, part_of

FILE = "_classes.csv"


def detect(source: Source) -> Detection | None:
    """Return a detection where a _classes.csv lies."""
    files = _files(source.path)
    return Detection(CERTAIN, f"{files[0]} of Roboflow") if files else None


def read_roboflow(source: Source) -> LabelTable:
    """Read an export "Multi-label classification" (CSV) of Roboflow.

    Raises
    ------
    InputError
        If a file is broken, or the parts have different classes.
    """
    files = _files(source.path)
    if not files:
        raise InputError(f"{source.path}: no {FILE} there, nor in train/, valid/ or test/")
    root = source.path if source.path.is_dir() else source.path.parent
    names: list[str] = []
    collector = None
    for file in files:
        records = read_records(str(file))
        header = list(records.columns)
        if not header or header[0].lower() not in ("filename", "image"):
            records.refuse_header(f"the first column is {shown(header[0])}, not 'filename'")
        if names and header[1:] != names:
            raise InputError(f"{file}: its classes are not those of {files[0]}")
        names = header[1:]
        if collector is None:
            collector = LabelCollector(Source(root), names)
        folder = file.parent
        near = folder.relative_to(root).as_posix() if folder != root else ""
        for i, row in enumerate(records.rows):
            where = f"{file} row {row}"
            labels, unknown = [], []
            for name in names:
                cell = str(records.columns[name][i]).strip()
                if cell not in ("0", "1", ""):
                    raise InputError(f"{where}: {name!r} is {shown(cell)}, neither 0 nor 1")
                labels += [name] * (cell == "1")
                unknown += [name] * (cell == "")
            image = records.columns[header[0]][i]
            collector.add(where, image, labels, part=folder.name, near=near, unknown=unknown)
    assert collector is not None
    return collector.table()


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path] if path.name == FILE else []
    folders = [path, *(folder for folder in folders_in(path) if part_of(folder.name))]
    return [folder / FILE for folder in folders if (folder / FILE).is_file()]


ROBOFLOW = Format(
    "roboflow",
    "Roboflow multi-label: train/_classes.csv",
    detect,
    read_roboflow,
    ("_classes.csv", "filename"),
)
