"""Check the label names of a table in any format: whether they are labels at all.

A name is *composed* if it is a join of other names. Where the labels of each image were one text
and no image has two, the joiner is not known. Joiners that hardly occur in names then ask for a
decision as soon as they occur at all. A space, which occurs in many names, asks for one only where
names are composed, or where words recombine as they do in label sets and not in names.
"""

import shlex
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...utils import InputError, UnclearInputError
from .label_cells import split_text
from .label_table import LabelTable
from .literals import looks_like_list
from .merging import regroup_labels
from .reading_options import TableOptions
from .records import quoted, shown

STRONG = (",", ";", "#", "/", "+")
"""Joiners that hardly occur in the name of one label."""

_LISTING = (",", ";")
"""Joiners with which an empty part is an error too, as in ``"sea,"``; unlike ``C#``."""

_MOST_COMPARED, _MANY_INSIDE = 5000, 3
_WEAK = ("_", "-")
_AND = ("&", " and ")


@dataclass(frozen=True)
class Joined:
    """Decision about names that look joined.

    Attributes
    ----------
    kind : {"split", "refuse", "note"}
    joiners : tuple of str
    names : list of str
        The names concerned.
    why : str
    """

    kind: str
    joiners: tuple[str, ...]
    names: list[str]
    why: str


def find_joined(names: Sequence[str], *, joiner_known: bool) -> Joined | None:
    """Decide about names that look like several labels.

    Parameters
    ----------
    names : sequence of str
        All label names of a table.
    joiner_known : bool
        Whether the format defines names as single labels, for example by a list of classes or by
        cells with several labels.

    Returns
    -------
    Joined or None
        None if no name looks joined.

    Examples
    --------
    >>> find_joined(["scab", "complex", "scab complex"], joiner_known=False).kind
    'split'
    >>> find_joined(["dog", "hot dog", "traffic light"], joiner_known=False).kind
    'note'
    >>> find_joined(["sea", "sea, sunset"], joiner_known=False).kind
    'refuse'
    """
    return _among_whole_names(names) if joiner_known else _among_texts(names)


def _among_texts(names: Sequence[str]) -> Joined | None:
    strong = {joiner: _joined_by(names, joiner) for joiner in STRONG}
    used = tuple(joiner for joiner, joined in strong.items() if joined)
    if used:
        joined = [name for name in names if any(name in strong[joiner] for joiner in used)]
        if len(used) == 1 and _is_certain(names, joined, lambda name: name.split(used[0])):
            return Joined("split", used, joined, "each part is a label of other images")
        return Joined("refuse", used, joined, "may be several labels")
    spaced = [name for name in names if len(name.split()) > 1]
    if spaced and _is_certain(names, spaced, str.split):
        return Joined("split", (" ",), spaced, "each word is a label of other images")
    if doubtful := _recombining(names, spaced):
        return Joined("refuse", (" ",), doubtful, "may be several labels")
    for joiner in _WEAK:
        if composed := [name for name in names if _is_composed(name, set(names), joiner)]:
            return Joined("refuse", (joiner,), composed, "may be several labels")
    if spaced:
        return Joined("note", (" ",), spaced, "are read as one label each")
    return _composed(names, _AND)


def _among_whole_names(names: Sequence[str]) -> Joined | None:
    held = set(names)
    for joiner in STRONG:
        joined = _joined_by(names, joiner)
        some = [name for name in joined if _shares_part(name, held, joiner)]
        if some:
            return Joined("refuse", (joiner,), some, "may be several labels")
    listed = [name for joiner in _LISTING for name in _joined_by(names, joiner)]
    if listed:
        return Joined("note", (",",), listed, "are read as one label each")
    return _composed(names, (" ", *_WEAK, *_AND))


def _composed(names: Sequence[str], joiners: Sequence[str]) -> Joined | None:
    held = set(names)
    for joiner in joiners:
        if composed := [name for name in names if _is_composed(name, held, joiner)]:
            return Joined("note", (joiner,), composed, "are read as one label each")
    return None


def _joined_by(names: Sequence[str], joiner: str) -> list[str]:
    joined = []
    for name in names:
        parts = [part.strip() for part in name.split(joiner)]
        if len(parts) > 1 and (joiner in _LISTING or all(parts)):
            joined.append(name)
    return joined


def _shares_part(name: str, held: set[str], joiner: str) -> bool:
    parts = [part.strip() in held for part in name.split(joiner)]
    return any(parts) if joiner in (*_LISTING, "#") else all(parts)


def _is_certain(
    names: Sequence[str], joined: Sequence[str], split: Callable[[str], list[str]]
) -> bool:
    """Return whether every joined name is a join of different names that occur alone."""
    alone = set(names) - set(joined)
    for name in joined:
        parts = [part.strip() for part in split(name)]
        if len(set(parts)) < len(parts) or not alone.issuperset(parts):
            return False
    return True


def _is_composed(name: str, held: set[str], joiner: str) -> bool:
    """Return whether a name is a join of two or more other names, which may hold the joiner too."""
    parts = name.split(None if joiner == " " else joiner)
    glue = joiner
    reached = [True] + [False] * len(parts)
    for end in range(1, len(parts) + 1):
        reached[end] = any(
            reached[start]
            and (end - start < len(parts))
            and glue.join(parts[start:end]).strip() in held
            for start in range(end)
        )
    return len(parts) > 1 and reached[-1]


def _recombining(names: Sequence[str], spaced: Sequence[str]) -> list[str]:
    """Return names with spaces whose words recombine as the labels of images do."""
    held = set(names)
    composed = [name for name in spaced if _is_composed(name, held, " ")]
    if composed:
        return composed
    words = {name: name.split() for name in spaced}
    sets = Counter(frozenset(of_name) for of_name in words.values())
    permuted = [name for name in spaced if sets[frozenset(words[name])] > 1]
    if permuted:
        return permuted
    if len({word for of_name in words.values() for word in of_name}) < len(spaced):
        return list(spaced)
    return _scattered(words)


def _scattered(words: dict[str, list[str]]) -> list[str]:
    """Return names with all words of another one in other places, or in sequence if many do."""
    by_word: dict[str, list[str]] = {}
    for name, of_name in words.items():
        for word in set(of_name):
            by_word.setdefault(word, []).append(name)
    found: list[str] = []
    inside: list[str] = []
    if len(words) > _MOST_COMPARED:
        return []
    for name, of_name in words.items():
        rarest = min(of_name, key=lambda word: len(by_word[word]))
        for other in by_word[rarest]:
            if len(words[other]) > len(of_name) and set(of_name) <= set(words[other]):
                next_to = f" {' '.join(of_name)} " in f" {' '.join(words[other])} "
                (inside if next_to else found).extend((name, other))
    if len(inside) >= 2 * _MANY_INSIDE:  # one or two are names such as "hot dog bun"
        found += inside
    return list(dict.fromkeys(found))


_WHOLE = "--separator '|'"
_SHOWN = 3


def check_label_names(table: LabelTable, options: TableOptions | None = None) -> LabelTable:
    """Return the table with split and merged label names; refuse ambiguous names.

    Names that are certainly a join of others are split, and spellings that differ in Unicode form
    or spaces are merged, each with a note. With `separator`, names are split there and not
    checked.

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
    first = _first_carried(table, joined.names)
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


def _first_carried(table: LabelTable, labels: Sequence[str]) -> str:
    """Return the label of some that the first image carries."""
    position = {label: j for j, label in enumerate(table.labels)}
    columns = table.Y[:, [position[label] for label in labels]]
    first_rows = np.where(columns.any(axis=0), columns.argmax(axis=0), table.n_images)
    return labels[int(first_rows.argmin())]


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
    """Merge names with the same spelling; refuse names that differ in case or spaces."""
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
