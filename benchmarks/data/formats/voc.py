"""PASCAL VOC: one list of images per class, or the objects of the annotations."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...utils import InputError
from ..tables import LabelTable, check_label_matrix, read_text, shown
from .build import build_table
from .image_files import images_below
from .parsing import read_xml

Objects = dict[str, tuple[int, int]]
"""Label -> how many objects, and how many of them are not difficult."""


def read_objects(file: Path) -> Objects:
    """Count the objects of each class in one annotation.

    Raises
    ------
    InputError
        If the file is no annotation.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "1.xml"
    >>> cat = "<object><name>cat</name><difficult>1</difficult></object>"
    >>> _ = file.write_text(f"<annotation>{cat}</annotation>")
    >>> read_objects(file)
    {'cat': (1, 0)}
    """
    tree = read_xml(file)
    if tree.tag != "annotation":
        raise InputError(f"{file}: a <{tree.tag}>, not a VOC <annotation>")
    found: Objects = {}
    for number, element in enumerate(tree.iterfind("object"), start=1):
        label = (element.findtext("name") or "").strip()
        if not label:
            raise InputError(f"{file}: object {number} has no <name>")
        difficult = (element.findtext("difficult") or "0").strip()
        if difficult not in ("0", "1"):
            raise InputError(
                f"{file}: object {number} has <difficult> {shown(difficult)}, "
                "which is neither 0 nor 1"
            )
        count, certain = found.get(label, (0, 0))
        found[label] = (count + 1, certain + (difficult == "0"))
    return found


_PARTS = ("train", "val", "trainval", "test", "default")
_BACKGROUND = "background"
_CHOICES: tuple[tuple[str, ...], ...] = (
    ("trainval", "test"),
    ("train", "val", "test"),
    ("train", "val"),
    ("trainval",),
    ("train",),
    ("val",),
    ("test",),
    ("default",),
)
"""The parts to read: the first of these that is complete; "default" is of CVAT."""

_FLAGS = {"1": 1, "-1": -1, "0": 0}


def is_voc(path: Path) -> bool:
    """Return whether a folder is a VOC20xx, or contains one."""
    return bool(_roots(path))


def read_voc(path: Path) -> LabelTable:
    """Read VOC 2007, VOC 2012, or anything laid out like them.

    The lists ``ImageSets/Main/<class>_<part>.txt`` define the labels: 1 is present, -1 absent, and
    0 (all objects of the class in the image are difficult) unknown. Without lists, the objects in
    ``Annotations`` are read in the same way. The split is trainval and test, or train and val if
    test has no lists, as in VOC 2012.

    Parameters
    ----------
    path : Path
        ``VOC2007``, the ``VOCdevkit`` that holds it, or the folder that holds that.

    Raises
    ------
    InputError
        If a list or an annotation is broken, or several years are found.
    """
    roots = _roots(path)
    if not roots:
        raise InputError(f"{path}: no VOC data set; JPEGImages and Annotations are not there")
    if len(roots) > 1:
        years = ", ".join(str(root) for root in roots)
        raise InputError(f"{path}: holds several VOC data sets; name one of {years}")
    root = roots[0]
    lists = _class_lists(root)
    return _from_lists(root, lists) if lists else _from_annotations(root)


def _roots(path: Path) -> list[Path]:
    candidates = [path, *sorted(path.glob("VOC20*")), *sorted(path.glob("VOCdevkit/VOC20*"))]
    return [
        root
        for root in candidates
        if (
            (root / "JPEGImages").is_dir()
            and ((root / "Annotations").is_dir() or (root / "ImageSets" / "Main").is_dir())
        )
        # Label Studio writes images/ instead of JPEGImages/.
        or ((root / "images").is_dir() and any((root / "Annotations").glob("*.xml")))
    ]


def _image_folder(root: Path) -> str:
    return "JPEGImages" if (root / "JPEGImages").is_dir() else "images"


def _class_lists(root: Path) -> dict[str, dict[str, Path]]:
    """Return the list of each part and class, for the parts to be read."""
    found: dict[str, dict[str, Path]] = {}
    for file in sorted((root / "ImageSets" / "Main").glob("*_*.txt")):
        label, _, part = file.stem.rpartition("_")
        if label and part in _PARTS:
            found.setdefault(part, {})[label] = file
    choice = next((parts for parts in _CHOICES if found.keys() >= set(parts)), ())
    return {part: found[part] for part in choice}


def _from_lists(root: Path, lists: dict[str, dict[str, Path]]) -> LabelTable:
    labels = sorted(set().union(*lists.values()))
    names: list[str] = []
    parts: list[str] = []
    blocks: list[NDArray[np.int8]] = []
    for part, files in lists.items():
        for label in labels:
            if label not in files:
                file = root / "ImageSets" / "Main" / f"{label}_{part}.txt"
                raise InputError(f"{file}: missing; every class needs a list of its own")
        columns = {label: _read_list(files[label]) for label in labels}
        _add_unlabelled(root, part, columns)
        first = columns[labels[0]]
        for label, column in columns.items():
            if column.keys() != first.keys():
                odd = sorted(column.keys() ^ first.keys())[0]
                raise InputError(
                    f"{files[label]}: not the images of {files[labels[0]].name}; see {shown(odd)}"
                )
        twice = first.keys() & set(names)
        if twice:
            raise InputError(f"{files[labels[0]]}: {shown(min(twice))} is in another part too")
        names += first
        parts += [part] * len(first)
        blocks.append(np.array([[columns[c][i] for c in labels] for i in first], dtype=np.int8))
    flags = np.concatenate(blocks)
    if (root / "labelmap.txt").is_file() and _BACKGROUND in labels:
        # CVAT and Datumaro write a list for the background, which no image has.
        kept = [
            j for j, label in enumerate(labels) if label != _BACKGROUND or flags[:, j].max() > 0
        ]
        labels, flags = [labels[j] for j in kept], flags[:, kept]
    return _table(root, names, parts, labels, flags, _objects(root, names, required=False))


def _add_unlabelled(root: Path, part: str, columns: dict[str, dict[str, int]]) -> None:
    """Add the images that no list of a class names: Datumaro lists labelled images only."""
    file = root / "ImageSets" / "Main" / f"{part}.txt"
    if not file.is_file():
        return
    listed = set().union(*columns.values())
    for line in read_text(str(file)).splitlines():
        name = _unquoted(line.strip())
        if name and name not in listed:
            for column in columns.values():
                column[name] = -1


def _unquoted(name: str) -> str:
    """Return a name without the quotes that Datumaro puts around spaces."""
    return name[1:-1] if len(name) > 1 and name[0] == name[-1] == '"' else name


def _read_list(file: Path) -> dict[str, int]:
    flags: dict[str, int] = {}
    for row, line in enumerate(read_text(str(file)).splitlines(), start=1):
        cells = line.strip().rsplit(maxsplit=1)  # the name may hold spaces
        if not cells:
            continue
        if len(cells) != 2 or cells[1] not in _FLAGS:
            raise InputError(f"{file} row {row}: {shown(line)} is not an image and one of 1, 0, -1")
        cells[0] = _unquoted(cells[0])
        if cells[0] in flags:
            raise InputError(f"{file} row {row}: {shown(cells[0])} is repeated")
        flags[cells[0]] = _FLAGS[cells[1]]
    return flags


def _from_annotations(root: Path) -> LabelTable:
    names, parts = _plain_lists(root)
    objects = _objects(root, names, required=True) or []
    labels = sorted({label for found in objects for label in found})
    if not labels:
        raise InputError(f"{root}/Annotations: no annotation holds an object")
    check_label_matrix(root, len(names), len(labels), sum(map(len, objects)))
    flags = np.full((len(names), len(labels)), -1, dtype=np.int8)
    for i, found in enumerate(objects):
        for label, (_, certain) in found.items():
            flags[i, labels.index(label)] = certain > 0
    return _table(root, names, parts, labels, flags, objects)


def _plain_lists(root: Path) -> tuple[list[str], list[str] | None]:
    """Return the images, and their parts if there are lists such as ``Main/train.txt``."""
    lists = {part: root / "ImageSets" / "Main" / f"{part}.txt" for part in _PARTS}
    found = {part for part, file in lists.items() if file.is_file()}
    choice = next((parts for parts in _CHOICES if found >= set(parts)), ())
    members = {part: _names_in(lists[part]) for part in choice}
    names = [name for part in choice for name in members[part]]
    if not names:
        return sorted(file.stem for file in (root / "Annotations").glob("*.xml")), None
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"{root}/ImageSets/Main: {shown(twice)} is repeated in its lists")
    return names, [part for part in choice for _ in members[part]]


def _names_in(file: Path) -> list[str]:
    lines = read_text(str(file)).splitlines()
    return [_unquoted(line.strip()) for line in lines if line.strip()]


def _objects(root: Path, names: Sequence[str], *, required: bool) -> list[Objects] | None:
    files = [root / "Annotations" / f"{name}.xml" for name in names]
    if not required and not all(file.is_file() for file in files):
        return None
    return [read_objects(file) for file in files]


def _table(
    root: Path,
    names: Sequence[str],
    parts: Sequence[str] | None,
    labels: Sequence[str],
    flags: NDArray[np.int8],
    objects: Sequence[Objects] | None,
) -> LabelTable:
    Y, known = flags == 1, flags != 0
    counts = None
    if objects is not None:
        counts = np.array([[found.get(label, (0, 0))[0] for label in labels] for found in objects])
        # The official lists take precedence over the annotations.
        counts = np.where(known, np.where(Y, np.maximum(counts, 1), 0), counts)
    folder = _image_folder(root)
    files = {name.rpartition(".")[0]: name for name in images_below(root / folder)}
    images = [f"{folder}/{files.get(name, f'{name}.jpg')}" for name in names]
    if parts is not None and "default" in parts:
        parts = None
    return build_table(root, images, labels, Y, parts=parts, known=known, counts=counts)
