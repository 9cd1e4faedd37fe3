"""Lines for the user about how data was read, through the logger ``catnocat``.

Without further set-up Python prints them on stderr; the command line puts its name before them.
"""

import logging
from collections.abc import Iterable

LOGGER = logging.getLogger("catnocat")


def announce(notes: Iterable[str]) -> None:
    """Log each note as a warning."""
    for note in notes:
        LOGGER.warning("%s", note)
