"""Where a picture must not be covered: for classifiers that are no weighted sums.

M. Zeiler and R. Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Map = NDArray[np.float64]
_CELLS = 8  # by so many cells the picture is divided,
_COVER = 2  # and so many by so many of them are covered at once
_SIDE = 640  # a larger picture is shown smaller: it would be copied dozens of times
_SUREST = 1e-6


def occlusion_maps(
    ask: Callable[[list[Image.Image]], NDArray[np.floating]], image: Image.Image
) -> Map:
    """Cover parts of a picture with its mean colour and see what that costs each label.

    Parameters
    ----------
    ask : callable
        From pictures to probabilities (n_pictures, n_labels).
    image : PIL.Image.Image

    Returns
    -------
    ndarray of shape (n_labels, 8, 8)
        The log-odds that a label loses when a cell is covered, on average over the covers that hide
        the cell.
    """
    small = image.copy()
    small.thumbnail((_SIDE, _SIDE))
    grey = tuple(round(float(value)) for value in np.asarray(small).mean(axis=(0, 1)))
    starts = range(1 - _COVER, _CELLS)  # some reach over the edge, so that all cells count alike
    covers = [(row, column) for row in starts for column in starts]
    pictures = [small, *(_covered(small, grey, *cover) for cover in covers)]
    P = np.clip(ask(pictures).astype(np.float64), _SUREST, 1 - _SUREST)
    odds = np.log(P) - np.log1p(-P)
    lost = odds[0] - odds[1:]
    found = np.zeros((P.shape[1], _CELLS, _CELLS))
    for (row, column), loss in zip(covers, lost, strict=True):
        rows, columns = _cells(row), _cells(column)
        found[:, rows, columns] += loss[:, None, None]
    return found / _COVER**2


def _cells(start: int) -> slice:
    return slice(max(0, start), min(_CELLS, start + _COVER))


def _covered(image: Image.Image, colour: tuple[int, ...], row: int, column: int) -> Image.Image:
    width, height = image.size
    down, across = _cells(row), _cells(column)
    box = (
        round(across.start * width / _CELLS),
        round(down.start * height / _CELLS),
        round(across.stop * width / _CELLS),
        round(down.stop * height / _CELLS),
    )
    covered = image.copy()
    covered.paste(colour, box)
    return covered
