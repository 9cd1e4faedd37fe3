"""One map over the whole picture, of what was found in parts of it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ...features import Places

Map = NDArray[np.float64]
_CELLS = 64
_FINE = 448  # the longer side of the map in which the peak is looked for


def one_map(places: Sequence[Places], number: int, size: tuple[int, int]) -> Map:
    """Lay the places' shares of one sum on a grid over the picture.

    Parameters
    ----------
    places : sequence of Places
    number : int
        Which sum.
    size : tuple of int
        The picture's width and height.

    Returns
    -------
    ndarray of shape (rows, columns)
        The mean of all cells is the sum; where crops overlap their shares add up.
    """
    whole = (0.0, 0.0, *map(float, size))
    shapes = {part.values.shape[1:] for part in places if part.box == whole}
    same = len(shapes) == 1 and all(part.box == whole for part in places)
    rows, columns = next(iter(shapes)) if same else (_CELLS, _CELLS)
    total = np.zeros((rows, columns))
    for part in places:
        left, top, right, bottom = part.box
        down = _overlaps(rows, size[1], top, bottom, part.values.shape[1])
        across = _overlaps(columns, size[0], left, right, part.values.shape[2])
        total += down @ part.values[number] @ across.T
    return total * total.size


def _overlaps(cells: int, length: float, start: float, end: float, parts: int) -> Map:
    """Give which share of each part of a stretch lies in each cell of the whole length."""
    edges = np.linspace(0, length, cells + 1)
    bounds = np.linspace(start, end, parts + 1)
    upper = np.minimum(edges[1:, None], bounds[None, 1:])
    lower = np.maximum(edges[:-1, None], bounds[None, :-1])
    shares: Map = np.clip(upper - lower, 0, None) * (parts / (end - start))
    return shares


def smooth(values: Map, size: tuple[int, int]) -> Map:
    """Draw a map as large as a picture, without its cells' edges."""
    coarse = Image.fromarray(values.astype(np.float32))
    return np.asarray(coarse.resize(size, Image.Resampling.BICUBIC), dtype=np.float64)


def peak_of(values: Map, size: tuple[int, int]) -> tuple[float, float]:
    """Give the place x, y of the highest value, in pixels of a picture of that size."""
    scale = _FINE / max(size)
    width, height = (max(1, round(side * scale)) for side in size)
    y, x = np.unravel_index(smooth(values, (width, height)).argmax(), (height, width))
    return (float(x) + 0.5) * size[0] / width, (float(y) + 0.5) * size[1] / height
