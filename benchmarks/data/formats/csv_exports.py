"""Exports that are CSV files: competition tables of Kaggle, and Roboflow's _classes.csv."""

from pathlib import Path

from ...utils import InputError
from ..tables import LabelTable, read_records, shown
from .collector import LabelCollector
from .format import CERTAIN, Detection, Format, detect_member
from .image_files import folders_in
from .source import Source, files_of_parts, part_of

_COLUMNS = (("image_name", "tags"), ("id", "target"), ("id", "attribute_ids"))
"""Understanding the Amazon from Space, Human Protein Atlas, iMet Collection."""

_AMAZON = frozenset(
    (
        *("agriculture", "artisinal_mine", "bare_ground", "blooming", "blow_down", "clear"),
        *("cloudy", "conventional_mine", "cultivation", "cultivation", "habitation", "haze"),
        *("partly_cloudy", "primary", "road", "selective_logging", "slash_burn", "water"),
    )
)
_SHOWN_WORDS = 3


def read_kaggle(source: Source) -> LabelTable:
    """Read ``image_name,tags`` and its like: labels by spaces, images without folder or suffix.

    The images are searched below the folder of the CSV. Files ``sample_submission*.csv`` are
    ignored. Any other competition table is read as a label table.

    Raises
    ------
    InputError
        If a row is broken, or a space may be a part of a label.
    """
    advice = "no CSV with the columns image_name,tags (or id,target, or id,attribute_ids) there"
    members = files_of_parts(source, (".csv",), _mark, advice)
    if len(members) > 1:
        names = ", ".join(member.path.name for member in members.values())
        raise InputError(f"{source.path}: holds several tables ({names}); name one of them")
    member = next(iter(members.values()))
    records = read_records(str(member.path))
    image, labels = list(records.columns)
    cells = [str(cell) for cell in records.columns[labels]]
    _check_words(member, cells)
    collector = LabelCollector(member)
    for i, row in enumerate(records.rows):
        where = f"{member.path} row {row}"
        collector.add(where, str(records.columns[image][i]), dict.fromkeys(cells[i].split()))
    return collector.table(member.path.stem)


def _mark(member: Source) -> str:
    plain = tuple(name.lower() for name in member.header)
    if plain not in _COLUMNS or "|" in member.head:  # a label table joins labels by "|"
        return ""
    return f"has the columns {','.join(plain)}"


def _check_words(member: Source, cells: list[str]) -> None:
    """Refuse words that may be parts of one label: those that never are the only label."""
    sets = [cell.split() for cell in dict.fromkeys(cells)]
    words = {word for of_cell in sets for word in of_cell}
    if words <= _AMAZON or all(word.isdecimal() for word in words):
        return
    doubtful = sorted(words - {of_cell[0] for of_cell in sets if len(of_cell) == 1})
    if doubtful:
        example = next(cell for cell in cells if doubtful[0] in cell.split())
        listed = ", ".join(map(shown, doubtful[:_SHOWN_WORDS]))
        raise InputError(
            f"{member.path}: {shown(example)} may be one label or several ({listed} never "
            "occur alone); name the file and add --separator ' ' to split them, or --separator '|' "
            "if each is one label"
        )


KAGGLE = Format(
    "kaggle",
    "a competition's CSV: image_name,tags",
    detect_member((".csv",), _mark, CERTAIN),
    read_kaggle,
    ("image_name", "tags", "id", "target", "attribute_ids"),
)


FILE = "_classes.csv"


def detect(source: Source) -> Detection | None:
    """Detect a _classes.csv."""
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
