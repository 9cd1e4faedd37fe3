"""Names that may be several labels joined by a character: what speaks for it, and what against.

A name is *composed* if it is a join of other names. Where the labels of each image were one text
and no image has two, the joiner is not known. Joiners that hardly occur in names then ask for a
decision as soon as they occur at all. A space, which occurs in many names, asks for one only where
names are composed, or where words recombine as they do in label sets and not in names.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

STRONG = (",", ";", "#", "/", "+")
"""Joiners that hardly occur in the name of one label."""

_LISTING = (",", ";")
"""Those after which an empty part is a fault of joining too, as in ``"sea,"``; unlike ``C#``."""

_MOST_COMPARED, _MANY_INSIDE = 5000, 3
_WEAK = ("_", "-")
_AND = ("&", " and ")


@dataclass(frozen=True)
class Joined:
    """What is to be done about names that look joined.

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
        Whether names are the names of single labels as far as the format says, as with a class list
        or where cells do hold several labels.

    Returns
    -------
    Joined or None
        None where no name looks joined.

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
    """Tell whether every joined name is a join of different names that occur alone."""
    alone = set(names) - set(joined)
    for name in joined:
        parts = [part.strip() for part in split(name)]
        if len(set(parts)) < len(parts) or not alone.issuperset(parts):
            return False
    return True


def _is_composed(name: str, held: set[str], joiner: str) -> bool:
    """Tell whether a name is a join of two or more other names, which may hold the joiner too."""
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
    """Return names that hold all words of another one, not side by side, or if many do."""
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
