"""Small pictures that lie in the page itself."""

from collections.abc import Iterable

from ..thumbnails import thumbnail

SIDE = 224  # pixels, of the longer one
BUDGET = 3_000_000  # characters of all the pictures of a page


def thumbnails(files: Iterable[str], budget: int = BUDGET) -> dict[str, str]:
    """Make small JPEGs as addresses that need no file.

    Parameters
    ----------
    files : iterable of str
        Paths; the first ones are served first.
    budget : int
        Characters in all; what does not fit is left out.

    Returns
    -------
    dict
        By path, without those that could not be read.
    """
    made: dict[str, str] = {}
    for file in dict.fromkeys(files):
        address = thumbnail(file, SIDE)
        budget -= len(address)
        if budget < 0:
            break
        if address:
            made[file] = address
    return made
