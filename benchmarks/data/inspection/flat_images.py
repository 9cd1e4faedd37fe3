"""Images that show nothing: black, or of one colour."""

from typing import Any

import numpy as np

from ....features import UnreadableImage, read_thumbnail
from ..tables import LabelTable

DARK = 6.0
"""Mean grey value, of 255, below which an image is nearly black."""

FLAT = 2.0
"""Standard deviation of the grey values below which an image is of one colour."""

_SIDE = 64
_SHOWN = 5


def find_flat_images(table: LabelTable, sample: int = 200) -> dict[str, Any] | None:
    """Look at a sample of a table's images for those that are nearly black or of one colour.

    Parameters
    ----------
    table : LabelTable
    sample : int
        How many images to read, evenly spread over the table.

    Returns
    -------
    dict or None
        "sampled" and "flat", numbers of images, and "examples", names; None without images.
    """
    if table.X is not None or not any(table.paths):
        return None
    rows = np.unique(np.linspace(0, table.n_images - 1, min(sample, table.n_images)).astype(int))
    read, flat = 0, []
    for row in rows.tolist():
        try:
            grey = read_thumbnail(table.paths[row], _SIDE, table.bit_depth)
        except UnreadableImage:
            continue
        read += 1
        if grey.mean() < DARK or grey.std() < FLAT:
            flat.append(table.images[row])
    return {"sampled": read, "flat": len(flat), "examples": flat[:_SHOWN]}
