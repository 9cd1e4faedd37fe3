"""Small pictures that lie in the page itself."""

import base64
from collections.abc import Iterable
from io import BytesIO

from ...features import UnreadableImage, read_image

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
        try:
            image = read_image(file)
        except UnreadableImage:
            continue  # it may have gone since it was judged
        image.thumbnail((SIDE, SIDE))
        content = BytesIO()
        image.save(content, "JPEG", quality=72, optimize=True)
        address = "data:image/jpeg;base64," + base64.b64encode(content.getvalue()).decode()
        budget -= len(address)
        if budget < 0:
            break
        made[file] = address
    return made
