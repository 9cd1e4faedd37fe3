"""Formats of data sets: how they are detected and read."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from ..tables import LabelTable
from .source import Source

CERTAIN = 3
"""The path has a feature that only this format has."""
LIKELY = 2
"""The layout fits, and few other layouts look like it."""
POSSIBLE = 1
"""Nothing contradicts the format; any better detection wins."""


@dataclass(frozen=True)
class Detection:
    """The reason to read a path in one format.

    Parameters
    ----------
    confidence : {CERTAIN, LIKELY, POSSIBLE}
    reason : str
        Observation that led to the detection, for messages.
    """

    confidence: int
    reason: str


@dataclass(frozen=True)
class Format:
    """Format of data sets on disk.

    Parameters
    ----------
    name : str
        The word for ``--format NAME``.
    about : str
        The layout in a few words.
    detect : callable
        Returns a `Detection` if a source is of this format, else None. Cheap; never raises.
    read : callable
        Reads the source into a `LabelTable`.
    words : tuple of str
        Names of keys, elements, columns or files that are typical of the format. They decide which
        format is offered as the nearest one where none is detected.
    """

    name: str
    about: str
    detect: Callable[[Source], Detection | None]
    read: Callable[[Source], LabelTable]
    words: tuple[str, ...] = ()

    def recognises(self, path: Path) -> bool:
        """Return whether a path is of this format."""
        return self.detect(Source(path)) is not None


def detect_by(
    test: Callable[[Path], bool], confidence: int = LIKELY
) -> Callable[[Source], Detection | None]:
    """Return the detection function of a layout that is tested on the path alone."""

    def detect(source: Source) -> Detection | None:
        return (
            Detection(confidence, f"{source.path.name} has its layout")
            if test(source.path)
            else None
        )

    return detect


def read_by(read: Callable[[Path], LabelTable]) -> Callable[[Source], LabelTable]:
    """Return the reading function of a layout that is read from the path alone."""
    return lambda source: read(source.path)


def detect_member(
    suffixes: Iterable[str], matches: Callable[[Source], str], confidence: int = CERTAIN
) -> Callable[[Source], Detection | None]:
    """Return the detection function of a format that is one file, alone or in a folder.

    Parameters
    ----------
    suffixes : iterable of str
        The suffixes of the file, in lower case.
    matches : callable
        Returns what marks a file as one of the format, or an empty text.
    confidence : int
        The confidence of the detection.
    """
    accepted = tuple(suffixes)

    def detect(source: Source) -> Detection | None:
        for member in source.members(*accepted):
            if mark := matches(member):
                return Detection(confidence, f"{member.path.name} {mark}")
        return None

    return detect
