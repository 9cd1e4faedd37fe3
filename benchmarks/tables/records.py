"""What stands in a table file, before anything is made of it; and how its faults are told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, NoReturn

from ..errors import InputError

_LONGEST = 60


@dataclass(frozen=True)
class Records:
    """The cells of a table file, column by column.

    Parameters
    ----------
    source : str
        The file, as the person wrote it.
    columns : dict of str to sequence
        The cells of each column. Text files give text; typed ones also numbers, lists and None.
    rows : sequence of int
        The row of each record as an editor shows it.
    header_row : int, optional
        The row that names the columns; absent where no row does.
    """

    source: str
    columns: Mapping[str, Sequence[Any]]
    rows: Sequence[int]
    header_row: int | None = None

    def refuse(self, position: int, problem: str) -> NoReturn:
        """Raise the one-line error about one record."""
        raise InputError(f"{self.source} row {self.rows[position]}: {problem}")

    def refuse_header(self, problem: str) -> NoReturn:
        """Raise the one-line error about the names of the columns."""
        row = "" if self.header_row is None else f" row {self.header_row}"
        raise InputError(f"{self.source}{row}: {problem}")


def shown(cell: object) -> str:
    r"""Show a cell inside a one-line message: quoted, without line breaks, shortened.

    Examples
    --------
    >>> print(shown("a\nb"))
    'a\nb'
    >>> print(shown("x" * 1000))
    'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...
    """
    text = repr(cell)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."


def suggestion(word: str, known: Sequence[str]) -> str:
    """Offer the known word that a mistyped one is nearest to, as the tail of a message.

    Examples
    --------
    >>> suggestion("splt", ["image", "labels", "split"])
    "; did you mean 'split'?"
    >>> suggestion("zebra", ["image", "labels", "split"])
    ''
    """
    near = get_close_matches(word.strip().lower(), known, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
