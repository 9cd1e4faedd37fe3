"""Errors caused by the user's input, and warnings about how it was read."""

import logging
from collections.abc import Iterable, Sequence

#: Python prints its warnings on stderr; the command line puts its name before them.
LOGGER = logging.getLogger("catnocat")


class InputError(ValueError):
    """Invalid input; the message is one line: what is wrong, where, and what to do.

    The command line prints the message to stderr and exits with code 2.
    """


class UnclearInputError(InputError):
    """Ambiguous input, which an option on the command line resolves.

    Parameters
    ----------
    problem : str
        The ambiguity and where it is: the file, the row.
    choices : sequence of (str, str)
        Each the options to add to the command line, and what they mean, as in
        ``("--separator ','", "to split them")``.

    Examples
    --------
    >>> print(UnclearInputError("a.csv: two ways", [("--separator ','", "to split the names")]))
    a.csv: two ways; add --separator ',' to split the names
    """

    def __init__(self, problem: str, choices: Sequence[tuple[str, str]]) -> None:
        self.problem, self.choices = problem, tuple(choices)
        advice = ", or ".join(f"{options} {meaning}" for options, meaning in self.choices)
        super().__init__(f"{problem}; add {advice}")

    def __reduce__(self) -> tuple[type["UnclearInputError"], tuple[str, Sequence[tuple[str, str]]]]:
        """Pickle by the parts: joblib sends errors between processes."""
        return type(self), (self.problem, self.choices)

    def commands(self, command: str) -> str:
        """Return the message with the whole command line to type for each choice."""
        lines = (f"{meaning}: {command} {options}" for options, meaning in self.choices)
        return f"{self.problem}; type {'; or '.join(lines)}"


def announce(notes: Iterable[str]) -> None:
    """Log each note as a warning."""
    for note in notes:
        LOGGER.warning("%s", note)
