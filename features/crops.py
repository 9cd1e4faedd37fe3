"""Which rectangles of a picture a view shows."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from .preprocessing import Preprocessing

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Crop:
    """A rectangle at the same place of every picture, whatever its shape and size.

    Parameters
    ----------
    share : float or None
        Of the picture's width and of its height, so that the whole picture has 1; None is a square
        as large as the backbone's own centre crop.
    x, y : float
        Where it lies between the picture's left and right, top and bottom edge, from 0 to 1.

    Examples
    --------
    >>> from catnocat.features import find_backbone
    >>> shown = find_backbone().preprocessing
    >>> Crop(0.5, 1, 0).box(640, 480, shown)
    (320.0, 0.0, 640.0, 240.0)
    >>> Crop(None, 0.5, 0.5).box(640, 480, shown)
    (110.0, 30.0, 530.0, 450.0)
    """

    share: float | None
    x: float
    y: float

    def box(self, width: int, height: int, preprocessing: Preprocessing) -> Box:
        """Give left, top, right and bottom in a picture's pixels, not rounded."""
        if self.share is None:
            across = down = min(width, height) * preprocessing.crop_pct
        else:
            across, down = width * self.share, height * self.share
        left, top = (width - across) * self.x, (height - down) * self.y
        return left, top, min(left + across, width), min(top + down, height)

    def show(self, image: Image.Image, size: int, preprocessing: Preprocessing) -> np.ndarray:
        """Squash the rectangle into a square: uint8 (size, size, 3)."""
        resampling = Image.Resampling[preprocessing.interpolation.upper()]
        box = self.box(*image.size, preprocessing)
        return np.asarray(image.resize((size, size), resampling, box=box))


def _grid(count: int) -> tuple[Crop, ...]:
    """Give count x count rectangles, row by row, each overlapping half of the next."""
    places = [place / (count - 1) for place in range(count)]
    return tuple(Crop(2 / (count + 1), x, y) for y in places for x in places)


_CENTER = Crop(None, 0.5, 0.5)

#: What a view's crop stands for.
CROPS: dict[str, tuple[Crop, ...]] = {
    "whole": (Crop(1.0, 0.0, 0.0),),
    "center": (_CENTER,),
    "five": (*(Crop(None, x, y) for y in (0.0, 1.0) for x in (0.0, 1.0)), _CENTER),
    "grid2": _grid(2),
    "grid3": _grid(3),
    "grid4": _grid(4),
}
