"""Checks of the label names of a table in any format: whether they are labels at all."""

import shlex
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ...utils import InputError, UnclearInputError
from .joined_names import Joined, find_joined
from .label_cells import split_text
from .label_table import LabelTable
from .literals import looks_like_list
from .reading_options import TableOptions
from .records import quoted, shown
from .regroup import regroup_labels

_WHOLE = "--separator '|'"
_SHOWN = 3


def check_label_names(table: LabelTable, options: TableOptions | None = None) -> LabelTable:
    """Return the table with the labels that its names mean, or refuse names that are doubtful.

    Names that are certainly a join of others are split, and spellings in another Unicode form or
    with other spaces merged; each with a note. With `separator` names are split there and not
    questioned.

    Raises
    ------
    InputError
        If names are written as lists.
    UnclearInputError
        If names may be several labels, or several names the same label.

    Examples
    --------
    >>> table = LabelTable(
    ...     "leaves", "leaves.csv", ["/a", "/b", "/c"], ["a", "b", "c"],
    ...     ["complex", "scab", "scab complex"], np.eye(3), np.ones((3, 3)), joiner_known=False,
    ... )
    >>> checked = check_label_names(table)
    >>> checked.labels, checked.Y.tolist()
    (('complex', 'scab'), [[1, 0], [0, 1], [1, 1]])
    """
    options = options or TableOptions()
    if options.separator:
        table = _split(table, options.separator)
    else:
        _check_lists(table)
        table = _check_joined(table)
    return _check_similar(table, options.similar_labels)


def _where(table: LabelTable, label: str) -> str:
    rows = np.flatnonzero(table.Y[:, table.labels.index(label)])
    if table.rows is None:
        return table.source
    return table.where(rows[0]) if rows.size else table.source


def _check_lists(table: LabelTable) -> None:
    for label in table.labels:
        if looks_like_list(label):
            raise InputError(
                f"{_where(table, label)}: label {shown(label)} looks like a list of labels; write "
                "each label by its own name"
            )


def _check_joined(table: LabelTable) -> LabelTable:
    joined = find_joined(table.labels, joiner_known=table.joiner_known)
    if joined is None:
        return table
    if joined.kind == "refuse":
        raise _refusal(table, joined)
    noun, verb = ("name", "is") if len(joined.names) == 1 else ("names", "are")
    start = f"{table.source}: label {noun} {quoted(joined.names, _SHOWN)}"
    if joined.kind == "note":
        each = "" if len(joined.names) == 1 else " each"
        note = f"{start} {verb} read as one label{each}; {_option(joined.joiners)} splits it"
        return replace(table, notes=(*table.notes, note))
    split = _split(table, joined.joiners)
    split_at = shown(joined.joiners[0])
    note = f"{start} {verb} split at {split_at}, since {joined.why}; {_WHOLE} prevents it"
    # What is left is now known to be whole names.
    return _check_joined(replace(split, notes=(*split.notes, note), joiner_known=True))


def _refusal(table: LabelTable, joined: Joined) -> UnclearInputError:
    first = min(joined.names, key=lambda name: _first_row(table, name))
    more = f" and {len(joined.names) - 1} more" if len(joined.names) > 1 else ""
    problem = f"{_where(table, first)}: label {shown(first)}{more} {joined.why}"
    parts = {part for name in table.labels for part in split_text(name, joined.joiners) if part}
    fewer = f" instead of {table.n_labels}" if len(parts) != table.n_labels else ""
    return UnclearInputError(
        problem,
        [
            (_option(joined.joiners), f"to read {len(parts)} labels{fewer}"),
            (_WHOLE, "if each is the name of one label"),
        ],
    )


def _option(joiners: Sequence[str]) -> str:
    return " ".join(f"--separator {_quote(joiner)}" for joiner in joiners)


def _quote(text: str) -> str:
    return shlex.quote(text) if "'" in text else f"'{text}'"


def _first_row(table: LabelTable, label: str) -> int:
    rows = np.flatnonzero(table.Y[:, table.labels.index(label)])
    return int(rows[0]) if rows.size else table.n_images


def _split(table: LabelTable, separators: Sequence[str]) -> LabelTable:
    """Split the label names at separators and merge the columns of each part."""
    parts = [split_text(label, separators) for label in table.labels]
    if all(len(of_label) == 1 for of_label in parts):
        return table
    for label, of_label in zip(table.labels, parts, strict=True):
        if "" in of_label or len(set(of_label)) < len(of_label):
            raise InputError(
                f"{_where(table, label)}: label {shown(label)} has an empty or a repeated part; "
                "correct it"
            )
    return regroup_labels(table, parts)


def _check_similar(table: LabelTable, choice: str | None) -> LabelTable:
    """Merge names that are spelled alike, or refuse those that may be meant alike."""
    table = _merge(table, _same_spelling, certain=True)
    alike = _groups(table, _loosely)
    if not alike or choice == "keep":
        return table
    if choice == "merge":
        return _merge(table, _loosely, certain=False)
    first = alike[0]
    more = f" ({len(alike) - 1} more such cases)" if len(alike) > 1 else ""
    rarest = min(first, key=lambda label: table.Y[:, table.labels.index(label)].sum())
    raise UnclearInputError(
        f"{_where(table, rarest)}: labels {quoted(first)} differ in case or spaces only{more}",
        [
            ("--similar-labels merge", "to read them as one label"),
            ("--similar-labels keep", "to keep them apart"),
        ],
    )


def _same_spelling(label: str) -> str:
    return " ".join(unicodedata.normalize("NFC", label).split())


def _loosely(label: str) -> str:
    return "".join(unicodedata.normalize("NFKC", label).casefold().split())


def _groups(table: LabelTable, key: "type[str] | object") -> list[list[str]]:
    by_key: dict[str, list[str]] = defaultdict(list)
    for label in table.labels:
        by_key[key(label)].append(label)  # type: ignore[operator]
    return [group for group in by_key.values() if len(group) > 1]


def _merge(table: LabelTable, key: object, *, certain: bool) -> LabelTable:
    groups = _groups(table, key)
    if not groups:
        return table
    images = dict(zip(table.labels, table.Y.sum(axis=0).tolist(), strict=True))
    name = {label: label for label in table.labels}
    for group in groups:
        best = max(group, key=images.__getitem__)
        spelled = _same_spelling(best) if certain else best
        name |= dict.fromkeys(group, spelled)
    merged = regroup_labels(table, [[name[label]] for label in table.labels])
    how = "another Unicode form or other spaces" if certain else "another case or other spaces"
    spellings = "; ".join(quoted(group) for group in groups[:_SHOWN])
    note = f"{table.source}: labels spelled in {how} are merged: {spellings}"
    return replace(merged, notes=(*merged.notes, note))
