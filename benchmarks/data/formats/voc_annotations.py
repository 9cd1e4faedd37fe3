"""The objects that a VOC annotation names."""

from pathlib import Path

from ...utils import InputError
from ..tables import shown
from .xml_tree import read_xml

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
    for number, thing in enumerate(tree.iterfind("object"), start=1):
        label = (thing.findtext("name") or "").strip()
        if not label:
            raise InputError(f"{file}: object {number} has no <name>")
        difficult = (thing.findtext("difficult") or "0").strip()
        if difficult not in ("0", "1"):
            raise InputError(
                f"{file}: object {number} has <difficult> {shown(difficult)}, "
                "which is neither 0 nor 1"
            )
        count, certain = found.get(label, (0, 0))
        found[label] = (count + 1, certain + (difficult == "0"))
    return found
