"""A way in which a data set lies on disk."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..tables import LabelTable


@dataclass(frozen=True)
class Format:
    """A way in which a data set lies on disk.

    Parameters
    ----------
    name : str
        What a person calls it, as in ``--format NAME``.
    about : str
        The layout in a few words.
    recognises : callable
        Whether a path holds a data set of this kind; cheap, and never raises.
    read : callable
        Reads it.
    """

    name: str
    about: str
    recognises: Callable[[Path], bool]
    read: Callable[[Path], LabelTable]
