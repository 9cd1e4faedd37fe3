"""Parse label cells: one cell that lists labels, or one 0/1 cell per label."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from ...utils import UnclearInputError
from .limits import MAX_LABEL_LENGTH, check_label_length, check_label_matrix
from .literals import all_lists, looks_like_list, parse_list
from .reading_options import TableOptions
from .records import Records, shown

SEPARATOR = "|"
"""Separator of the labels of one image in one cell."""


@dataclass(frozen=True)
class Labels:
    """Label names, `Y` and `known`; and whether the separator of labels is known."""

    names: list[str]
    Y: NDArray[np.uint8]
    known: NDArray[np.bool_]
    joiner_known: bool = True


_UNKNOWN, _MINUS_ONE = 2, 3
_LONGEST_FLAG = 50
MISSING = ("", "na", "n/a", "<na>", "nan", "null", "none")
"""Text that programs write for a missing value, in lower case."""

FLAGS = (
    dict.fromkeys(MISSING, _UNKNOWN)
    | dict.fromkeys(("0", "0.0", "false", "no"), 0)
    | dict.fromkeys(("1", "1.0", "true", "yes"), 1)
    | dict.fromkeys(("-1", "-1.0"), _MINUS_ONE)
)
"""Meaning of the texts in a 0/1 column, in lower case."""

_MEANING = {"absent": 0, "present": 1, "unknown": _UNKNOWN}


def from_label_lists(
    records: Records,
    column: str,
    separators: Sequence[str] = (),
    declared: Collection[str] = (),
) -> Labels:
    """Read one column of label lists.

    Labels are sorted by name, so that they do not depend on the order of the images. Names in
    `declared` are known to be single labels.
    """
    cells = records.columns[column]
    keys = [tuple(cell) if isinstance(cell, list) else cell for cell in cells]
    try:
        distinct = list(dict.fromkeys(keys))  # label sets repeat: each is parsed only once
    except TypeError:
        wrong = next(i for i, key in enumerate(keys) if not _is_hashable(key))
        records.refuse(wrong, _not_labels(cells[wrong]))
    literals = _literals(records, column, distinct, separators)
    reader = _SetReader(records, keys, separators, literals, declared)
    sets = [reader.labels_of(key) for key in distinct]
    names = sorted(set().union(*sets))
    if not names:
        records.refuse_header(f"no image has a label; fill the column {column!r}")
    check_label_matrix(records.source, len(keys), len(names), sum(map(len, sets)))
    position = {name: j for j, name in enumerate(names)}
    patterns = np.zeros((len(sets), len(names)), dtype=np.uint8)
    for i, labels in enumerate(sets):
        patterns[i, [position[label] for label in labels]] = 1
    number = {key: i for i, key in enumerate(distinct)}
    Y = patterns[np.fromiter(map(number.__getitem__, keys), dtype=np.intp, count=len(keys))]
    known = np.ones(Y.shape, dtype=np.bool_)
    # Texts that each hold one label do not show the separator.
    texts = not reader.literals and any(isinstance(key, str) and key.strip() for key in distinct)
    whole = bool(separators) or set(names) <= set(declared)
    open_joiner = texts and not whole and max(map(len, sets)) < 2
    return Labels(names, Y, known, joiner_known=not open_joiner)


def _is_hashable(key: object) -> bool:
    try:
        hash(key)
    except TypeError:
        return False
    return True


def _not_labels(cell: object) -> str:
    return f"{shown(cell)} is neither a list of texts nor a text joined by '|'"


def _literals(
    records: Records, column: str, distinct: Sequence[object], separators: Sequence[str]
) -> bool:
    """Return whether all texts of a column are written as lists; refuse a mixture."""
    texts = [key for key in distinct if isinstance(key, str) and key.strip()]
    odd = next((text for text in texts if looks_like_list(text)), None)
    if odd is None or separators:
        return False
    if all_lists(texts):
        records.note(f"the cells of column {column!r} are read as lists, such as {shown(odd)}")
        return True
    return _refuse_mixture(records, column, texts)


def _refuse_mixture(records: Records, column: str, texts: Sequence[str]) -> NoReturn:
    odd = next(text for text in texts if looks_like_list(text))
    cells = list(records.columns[column])
    unread = next((t for t in texts if looks_like_list(t) and parse_list(t) is None), None)
    if unread is not None:
        records.refuse(
            cells.index(unread),
            f"{shown(unread)} looks like a list, but its names are not in quotes; write "
            '["a", "b"], or the labels joined by \'|\'',
        )
    plain = next(text for text in texts if parse_list(text) is None)
    records.refuse(
        cells.index(plain),
        f"{shown(plain)} is no list, but {shown(odd)} in row {records.rows[cells.index(odd)]} is; "
        "write all cells as lists, or all joined by '|'",
    )


@dataclass(frozen=True)
class _SetReader:
    """Parser of label cells; errors name the first row with the cell."""

    records: Records
    keys: Sequence[object]
    separators: Sequence[str]
    literals: bool
    declared: Collection[str]

    def labels_of(self, key: object) -> list[str]:
        """Return the labels in one cell."""
        if key is None or key == "":
            return []
        if isinstance(key, str):
            labels = self._of_text(key)
            if labels == [""]:
                return []
        elif isinstance(key, tuple) and all(isinstance(label, str) for label in key):
            labels = [label.strip() for label in key]
            if self.separators:
                labels = [part for label in labels for part in self._split(label)]
        else:
            self._refuse(key, _not_labels(key))
        for label in labels:
            if not label:
                self._refuse(key, f"an empty label in {shown(key)}; remove it or give it a name")
            if len(label) > MAX_LABEL_LENGTH:
                check_label_length(self.records.where(self.keys.index(key)), label)
            if SEPARATOR in label:
                self._refuse(key, f"label {shown(label)} holds '|', which joins labels; rename it")
        if len(set(labels)) != len(labels):
            twice = next(label for label in labels if labels.count(label) > 1)
            self._refuse(key, f"label {shown(twice)} is repeated in {shown(key)}; write it once")
        return labels

    def _of_text(self, text: str) -> list[str]:
        if self.literals:
            parts = parse_list(text)
            return [text.strip()] if parts is None else [part.strip() for part in parts]
        labels = self._split(text)
        only = labels[0] if len(labels) == 1 else ""
        if only and only.lower() in MISSING and only not in self.declared:
            problem = f"{shown(text)} for labels; leave the cell empty for an image without labels"
            self._refuse(text, problem)
        return labels

    def _split(self, text: str) -> list[str]:
        return split_text(text, self.separators or (SEPARATOR,))

    def _refuse(self, key: object, problem: str) -> None:
        self.records.refuse(self.keys.index(key), problem)


def split_text(text: str, separators: Sequence[str]) -> list[str]:
    """Split a text at each of several separators.

    Runs of spaces count as one where a space is the separator.

    Examples
    --------
    >>> split_text("sea, sunset;sky", [",", ";"]), split_text(" a  b ", [" "])
    (['sea', 'sunset', 'sky'], ['a', 'b'])
    """
    parts = [text.strip()]
    for separator in separators:
        if separator.isspace():
            parts = [piece for part in parts for piece in (part.split(separator) if part else [""])]
            parts = [part for part in parts if part.strip()] or [""]
        else:
            parts = [piece for part in parts for piece in part.split(separator)]
    return [part.strip() for part in parts]


def from_flags(records: Records, names: Sequence[str], options: TableOptions) -> Labels:
    """Read one 0/1 column per label; by default an empty cell is unknown."""
    for name in names:
        check_label_length(records.header, name)
    check_label_matrix(records.source, len(records.rows), len(names), len(records.rows))
    codes = np.empty((len(records.rows), len(names)), dtype=np.uint8)
    for j, name in enumerate(names):
        cells = records.columns[name]
        try:
            of_cell = {cell: _flag(cell) for cell in dict.fromkeys(cells)}
            codes[:, j] = np.fromiter(map(of_cell.__getitem__, cells), np.uint8, len(cells))
        except (KeyError, TypeError):
            wrong = next(i for i, cell in enumerate(cells) if not _is_flag(cell))
            _refuse_flag(records, names, name, wrong)
    if options.blank is not None:
        codes[codes == _UNKNOWN] = _MEANING[options.blank]
    if (codes == _MINUS_ONE).any():
        codes[codes == _MINUS_ONE] = _meaning_of_minus_one(records, names, codes, options)
    Y = (codes == 1).astype(np.uint8)
    if not Y.any():
        records.refuse_header("no image has a label; write 1 for an image with the label")
    return Labels(list(names), Y, codes != _UNKNOWN)


def _refuse_flag(records: Records, names: Sequence[str], name: str, wrong: int) -> None:
    others = [other for other in names if other != name]
    advice = f"; if it is no label, add {label_columns_option(others)}" if others else ""
    records.refuse(
        wrong,
        f"column {shown(name)} holds {shown(records.columns[name][wrong])}, not 1 (has the label), "
        f"0 (has it not) or nothing (unknown){advice}",
    )


def label_columns_option(names: Sequence[str]) -> str:
    """Return the option that names label columns, quoted for a shell."""
    import shlex

    return f"--label-columns {shlex.quote(','.join(names))}"


def _meaning_of_minus_one(
    records: Records, names: Sequence[str], codes: NDArray[np.uint8], options: TableOptions
) -> int:
    if options.minus_one is not None:
        return _MEANING[options.minus_one]
    held = set(np.unique(codes).tolist())
    if held <= {1, _MINUS_ONE}:
        records.note("-1 is read as absent, since the label columns hold -1 and 1 only")
        return 0
    i, j = np.argwhere(codes == _MINUS_ONE)[0]
    others = "0" if 0 in held else "empty cells"
    raise UnclearInputError(
        f"{records.where(int(i))}: column {shown(names[j])} holds -1, and there are {others} too: "
        "-1 may mean uncertain or absent",
        [
            ("--minus-one unknown", "if it means uncertain, as in medical tables"),
            ("--minus-one absent", "if it means that the label is absent"),
        ],
    )


def _flag(cell: object) -> int:
    # Typed files and pandas contain booleans, floats and NaN.
    if cell is None or cell != cell:
        return _UNKNOWN
    if isinstance(cell, str):
        return FLAGS[cell.strip().lower()]
    return {0: 0, 1: 1, -1: _MINUS_ONE}[cell]  # type: ignore[index]


def _is_flag(cell: object) -> bool:
    try:
        _flag(cell)
    except (KeyError, TypeError):
        return False
    return True


def flag_share(cells: Sequence[object], limit: int | None = 1000) -> float:
    """Return the share of the first filled cells of a column that are valid in a 0/1 column."""
    first = [str(cell)[:_LONGEST_FLAG].strip().lower() for cell in cells[:limit]]
    filled = [cell for cell in first if cell not in MISSING]
    return sum(cell in FLAGS for cell in filled) / max(len(filled), 1)
