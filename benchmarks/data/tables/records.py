"""Uninterpreted cells of a table file, and messages about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any, NoReturn

from ...utils import InputError

_LONGEST = 60
_MAX_COMPARED = 1000


@dataclass(frozen=True)
class Records:
    """The cells of a table file, column by column.

    Parameters
    ----------
    source : str
        The file, as the user named it.
    columns : dict of str to sequence
        The cells of each column. Text files give text; typed ones also numbers, lists and None.
    rows : sequence of int
        The row of each record, as an editor counts it.
    header_row : int, optional
        The row with the names of the columns, if there is one.
    notes : list of str
        One line for each deviation from a plain reading that the user should know.
    """

    source: str
    columns: Mapping[str, Sequence[Any]]
    rows: Sequence[int]
    header_row: int | None = None
    notes: list[str] = field(default_factory=list)

    def where(self, position: int) -> str:
        """Return the file and the row of a record, for messages."""
        return f"{self.source} row {self.rows[position]}"

    def note(self, message: str) -> None:
        """Add a line about how the file is read."""
        self.notes.append(f"{self.source}: {message}")

    def take(self, positions: Sequence[int]) -> "Records":
        """Return some of the records, in the given order."""
        columns = {name: [cells[i] for i in positions] for name, cells in self.columns.items()}
        return replace(self, columns=columns, rows=[self.rows[i] for i in positions])

    def refuse(self, position: int, problem: str) -> NoReturn:
        """Raise the one-line error about one record."""
        raise InputError(f"{self.where(position)}: {problem}")

    def refuse_header(self, problem: str) -> NoReturn:
        """Raise the one-line error about the names of the columns."""
        raise InputError(f"{self.header}: {problem}")

    @property
    def header(self) -> str:
        """The file and the row that names the columns."""
        return self.source if self.header_row is None else f"{self.source} row {self.header_row}"


def shown(cell: object) -> str:
    r"""Return a cell for a one-line message: quoted, escaped and shortened.

    Examples
    --------
    >>> print(shown("a\nb"))
    'a\nb'
    >>> print(shown("x" * 1000))
    'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...
    """
    text = repr(cell[: 2 * _LONGEST] if isinstance(cell, str) else cell)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."


def quoted(names: Sequence[str], most: int = 8) -> str:
    """Return names with quotes and commas for a message, shortened.

    Examples
    --------
    >>> quoted(["sea", "sky", "sun"], most=2)
    "'sea', 'sky' and 1 more"
    """
    text = ", ".join(map(shown, names[:most]))
    return text if len(names) <= most else f"{text} and {len(names) - most} more"


def suggestion(word: str, known: Sequence[str], cutoff: float = 0.6) -> str:
    """Return a suggestion for a mistyped word, as the end of a message.

    Examples
    --------
    >>> suggestion("splt", ["image", "labels", "split"])
    "; did you mean 'split'?"
    >>> suggestion("zebra", ["image", "labels", "split"])
    ''
    """
    plain = word.strip().lower()
    if len(plain) > _LONGEST:  # the comparison takes quadratic time
        return ""
    near = get_close_matches(plain, known[:_MAX_COMPARED], n=1, cutoff=cutoff)
    return f"; did you mean {near[0]!r}?" if near else ""
