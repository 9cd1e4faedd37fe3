"""Multi-label sets in ARFF: Mulan's, whose labels an XML names, and MEKA's, which counts them."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...utils import InputError
from ..tables import LabelTable, shown
from .arff import Arff, read_arff, unescape
from .build import check_labels
from .parsing import read_xml

_PART = re.compile(r"[-_.](train|test)$", re.IGNORECASE)
_OPTION = re.compile(r"(?:^|[\s:])-(C|split-number)\s+(-?\d+)")
_BINARY = ({"0", "1"}, {"0"}, {"1"})


def is_arff(path: Path) -> bool:
    """Return whether a path is an ARFF file, or a folder with one set of them."""
    return path.suffix.lower() == ".arff" if path.is_file() else bool(_arffs(path))


def read_multilabel_arff(path: Path) -> LabelTable:
    """Read an ARFF file of ready features and labels.

    The labels are the attributes that ``NAME.xml`` lists (Mulan), or the first C attributes, or
    the last where C is negative, by ``-C`` in the relation's name (MEKA, whose ``-split-number``
    is obeyed as well). Nominal features become one 0/1 column per value, two-valued ones a single
    column unless a cell is ``?``, which is none of the values: all columns are 0. ``?`` in a label
    is unknown; in a number it is refused.

    Parameters
    ----------
    path : Path
        The file, or a folder with one file, or with ``NAME-train.arff`` and ``NAME-test.arff``.

    Raises
    ------
    InputError
        If a file is broken, does not define which attributes are labels, or lacks a number.
    """
    files = [path] if path.is_file() else _choose(path)
    parts = [_read_part(file) for file in files]
    first = parts[0]
    for part in parts[1:]:
        if part.arff.attributes != first.arff.attributes or part.labels != first.labels:
            raise InputError(f"{part.arff.source}: its attributes are not {files[0].name}'s")
    split = None
    if len(parts) == 2:
        split = np.repeat(["train", "test"], [len(part.arff.rows) for part in parts])
    elif 0 < (number := first.options.get("split-number", 0)) < len(first.arff.rows):
        split = np.where(np.arange(len(first.arff.rows)) < number, "train", "test")
    gaps = set[int]().union(*(part.nominal_gaps() for part in parts))
    Y = np.concatenate([part.label_values() for part in parts])
    images = [f"{file.name}:{r}" for file, p in zip(files, parts, strict=True) for r in p.arff.rows]
    return LabelTable(
        name=_PART.sub("", files[0].stem),
        source=str(path),
        paths=("",) * len(images),
        images=tuple(images),
        labels=tuple(first.labels),
        Y=np.asarray(Y == 1, dtype=np.uint8),
        known=~np.isnan(Y),
        rows=np.array(first.arff.rows) if len(parts) == 1 else None,
        split=split,
        X=np.concatenate([part.features(gaps) for part in parts]),
    )


def _arffs(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.arff"))


def _choose(folder: Path) -> list[Path]:
    files = _arffs(folder)
    parts = {match[1].lower(): file for file in files if (match := _PART.search(file.stem))}
    names = {_PART.sub("", file.stem) for file in files}
    if len(names) == 1 and len(parts) == 2:
        return [parts["train"], parts["test"]]
    if len(files) != 1:
        listed = ", ".join(file.name for file in files) or "no .arff file"
        raise InputError(f"{folder}: holds {listed}; name the one to read")
    return files


@dataclass(frozen=True)
class _ArffPart:
    arff: Arff
    labels: list[str]
    options: dict[str, int]

    def _label_columns(self) -> list[int]:
        position = {attribute.name: j for j, attribute in enumerate(self.arff.attributes)}
        return [position[label] for label in self.labels]

    def label_values(self) -> NDArray[np.float32]:
        """Return 0, 1 or NaN for each row and label."""
        columns = []
        for j in self._label_columns():
            values = self.arff.attributes[j].values
            codes = self.arff.cells[:, j]
            if values is not None:
                if set(values) not in _BINARY:
                    raise InputError(
                        f"{self.arff.source}: label {self.arff.attributes[j].name!r} has the "
                        f"values {shown(list(values))}; only 0 and 1 can be read"
                    )
                lookup = np.array([float(value) for value in values] + [np.nan], dtype=np.float32)
                codes = lookup[np.where(np.isnan(codes), len(values), codes).astype(np.intp)]
            elif not np.isin(codes[~np.isnan(codes)], (0, 1)).all():
                row = int(np.flatnonzero(~np.isin(codes, (0, 1)) & ~np.isnan(codes))[0])
                raise InputError(
                    f"{self.arff.source} row {self.arff.rows[row]}: label "
                    f"{self.arff.attributes[j].name!r} is {codes[row]:g}, neither 0 nor 1"
                )
            columns.append(codes)
        return np.column_stack(columns)

    def nominal_gaps(self) -> set[int]:
        """Return the nominal attributes with a missing cell."""
        missing = np.flatnonzero(np.isnan(self.arff.cells).any(axis=0)).tolist()
        return {j for j in missing if self.arff.attributes[j].values is not None}

    def features(self, gaps: set[int]) -> NDArray[np.float32]:
        """Return the other attributes as numbers.

        Parameters
        ----------
        gaps : set of int
            Nominal attributes with a missing cell in this file or the other one.
        """
        labels = set(self._label_columns())
        blocks = []
        for j, attribute in enumerate(self.arff.attributes):
            if j in labels:
                continue
            column = self.arff.cells[:, [j]]
            if attribute.values is not None:
                choices = range(len(attribute.values))
                # One column distinguishes two values, but not a missing cell.
                single = len(choices) == 2 and j not in gaps
                column = column == (choices[1:] if single else choices)
            elif not np.isfinite(column).all():
                row = self.arff.rows[int(np.flatnonzero(~np.isfinite(column))[0])]
                raise InputError(
                    f"{self.arff.source} row {row}: no number for {attribute.name!r}; fill it in"
                )
            blocks.append(column.astype(np.float32))
        if not blocks:
            raise InputError(f"{self.arff.source}: every attribute is a label; none is a feature")
        return np.concatenate(blocks, axis=1)


def _read_part(file: Path) -> _ArffPart:
    arff = read_arff(file)
    options = {key: int(value) for key, value in _OPTION.findall(arff.relation)}
    names = [attribute.name for attribute in arff.attributes]
    xml = next(
        (
            candidate
            for stem in (file.stem, _PART.sub("", file.stem))
            if (candidate := file.with_name(f"{stem}.xml")).is_file()
        ),
        None,
    )
    if xml is not None:
        labels = [
            (tag.get("name") or "").strip()
            for tag in read_xml(xml).iter()
            if tag.tag.rpartition("}")[2] == "label"
        ]
        check_labels(str(xml), labels)
        # Some XML files escape names like the ARFF file.
        known = set(names)
        labels = [label if label in known else unescape(label) for label in labels]
        for label in labels:
            if label not in known:
                raise InputError(f"{xml}: label {shown(label)} is no attribute of {file.name}")
    elif count := options.get("C", 0):
        labels = names[:count] if count > 0 else names[count:]
        check_labels(arff.source, labels)
    else:
        raise InputError(
            f"{file}: does not define which attributes are labels; put Mulan's "
            f"{_PART.sub('', file.stem)}.xml next to it, or MEKA's -C into @relation"
        )
    return _ArffPart(arff, labels, options)
