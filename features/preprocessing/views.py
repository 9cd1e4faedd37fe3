"""Views of an image: crop, input size, pooling and combination of the vectors.

`Preprocessing` is what a network expects of its input.
"""

import re
from dataclasses import dataclass
from typing import Self

import numpy as np
from PIL import Image

from ..utils import FeatureError
from .pooling import POOLINGS

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Preprocessing:
    """Input size, colour normalisation and resizing that a network was trained with.

    Parameters
    ----------
    size : int
        Side in pixels of the square training images.
    interpolation : str
        ``"bilinear"``, ``"bicubic"`` or ``"lanczos"``.
    mean, std : tuple of three floats
        For red, green and blue values between 0 and 1.
    crop_pct : float
        Fraction of the shorter side that the centre crop keeps.
    """

    size: int
    interpolation: str
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    crop_pct: float

    def __post_init__(self) -> None:
        if self.interpolation.upper() not in Image.Resampling.__members__:
            raise FeatureError(f"unknown interpolation {self.interpolation!r}")


@dataclass(frozen=True)
class Crop:
    """Rectangle at a position relative to the image.

    Parameters
    ----------
    share : float or None
        Fraction of the image's width and height; 1 is the whole image. None is a square of the size
        of the backbone's own centre crop.
    x, y : float
        Position between the left and right edge, and the top and bottom edge, from 0 to 1.

    Examples
    --------
    >>> from catnocat.features import find_backbone
    >>> spec = find_backbone().preprocessing
    >>> Crop(0.5, 1, 0).box(640, 480, spec)
    (320.0, 0.0, 640.0, 240.0)
    >>> Crop(None, 0.5, 0.5).box(640, 480, spec)
    (110.0, 30.0, 530.0, 450.0)
    """

    share: float | None
    x: float
    y: float

    def box(self, width: int, height: int, preprocessing: Preprocessing) -> Box:
        """Return left, top, right and bottom in pixels of the image, not rounded."""
        if self.share is None:
            across = down = min(width, height) * preprocessing.crop_pct
        else:
            across, down = width * self.share, height * self.share
        left, top = (width - across) * self.x, (height - down) * self.y
        return left, top, min(left + across, width), min(top + down, height)

    def cut(self, image: Image.Image, size: int, preprocessing: Preprocessing) -> np.ndarray:
        """Resize the rectangle to a square: uint8 (size, size, 3)."""
        resampling = Image.Resampling[preprocessing.interpolation.upper()]
        box = self.box(*image.size, preprocessing)
        return np.asarray(image.resize((size, size), resampling, box=box))


def _grid(count: int) -> tuple[Crop, ...]:
    """Return count x count rectangles in row order, each overlapping half of the next."""
    positions = [index / (count - 1) for index in range(count)]
    return tuple(Crop(2 / (count + 1), x, y) for y in positions for x in positions)


_CENTER = Crop(None, 0.5, 0.5)

#: Crops by name.
CROPS: dict[str, tuple[Crop, ...]] = {
    "whole": (Crop(1.0, 0.0, 0.0),),
    "center": (_CENTER,),
    "five": (*(Crop(None, x, y) for y in (0.0, 1.0) for x in (0.0, 1.0)), _CENTER),
    "grid2": _grid(2),
    "grid3": _grid(3),
    "grid4": _grid(4),
}


COMBINATIONS = ("mean", "max", "concat", "keep")

_TEXT = re.compile(
    r"(?P<crop>[a-z]+[0-9]?)(?P<flip>\+flip)?(@(?P<size>[0-9]+))?"
    r"(:(?P<pooling>[a-z0-9+]+))?(/(?P<combination>[a-z]+))?"
)
# Short names for the simplest variants.
_SHORT = {"flip": "whole", "grid": "grid2", "spatial": "spatial2"}


@dataclass(frozen=True)
class View:
    """View of an image, written ``CROP[+flip][@SIZE][:POOLING][/COMBINATION]``.

    Parameters
    ----------
    crop : {"whole", "center", "five", "grid2", "grid3", "grid4"}
        ``whole``: the whole image, resized to a square, so that no object is cut off; ``center``:
        the central square; ``five``: the central square and those in the four corners; ``grid2`` to
        ``grid4``: 2 x 2, 3 x 3 or 4 x 4 rectangles with the aspect ratio of the image, each
        overlapping half of the next, resized to squares.
    size : int
        Side in pixels of the network's input for each crop.
    pooling : str
        Pooling of the last feature map, or several joined by ``+``, whose vectors are concatenated:

        - ``avg``, ``max``: mean or maximum over positions; ``gem``: the generalised mean with
          exponent 3, which lies between them;
        - ``regions``: 14 overlapping windows at three scales; the maximum over each is scaled to
          length 1, and all are added (R-MAC);
        - ``spatial2``, ``spatial3``: the averages of the map and of its 2 x 2 bins, and also of
          3 x 3 bins, concatenated (spatial pyramid);
        - ``prelogits``: the input of the network's own classifier, after the network's own pooling
          and layers;
        - ``cells2`` to ``cells14``: the averages of n x n bins, concatenated.
    combination : {"mean", "max", "concat", "keep"}
        Combination of the vectors of several crops. ``"keep"`` returns one vector for each region:
        for each crop, and in each crop for each window, bin or cell of the pooling, which are then
        neither added nor concatenated.
    flip : bool
        Use each crop also mirrored and average the vectors of both, region by region.

    See Also
    --------
    Pooling : Exact windows and bins.

    Examples
    --------
    >>> from catnocat.features import View
    >>> View.parse("center@320:avg+max")
    View(crop='center', size=320, pooling='avg+max', combination='mean', flip=False)
    >>> str(View.parse("grid/max")), str(View.parse("flip:spatial"))
    ('grid2@224:avg/max', 'whole+flip@224:spatial2')
    >>> View.parse("grid3@224:avg+max/keep").shape(1280)
    (9, 2560)
    """

    crop: str = "whole"
    size: int = 224
    pooling: str = "avg"
    combination: str = "mean"
    flip: bool = False

    def __post_init__(self) -> None:
        if self.crop not in CROPS:
            raise FeatureError(f"view {self}: the crop must be one of {', '.join(CROPS)}")
        if not 32 <= self.size <= 2048:
            raise FeatureError(f"view {self}: the size must lie between 32 and 2048")
        parts = self.poolings
        if not set(parts) <= set(POOLINGS) or len(set(parts)) < len(parts):
            raise FeatureError(
                f"view {self}: the pooling must be of avg, max, gem, regions, spatial2, spatial3,"
                " prelogits, cells2 to cells14, joined by '+'"
            )
        if self.combination not in COMBINATIONS:
            raise FeatureError(
                f"view {self}: the combination must be one of {', '.join(COMBINATIONS)}"
            )
        if self.combination in ("max", "concat") and len(CROPS[self.crop]) == 1:
            raise FeatureError(f"view {self}: it has only one crop, so there is nothing to combine")
        if self.keeps_regions and len({POOLINGS[part].regions for part in parts}) > 1:
            raise FeatureError(f"view {self}: the poolings differ in their regions, use only one")

    @classmethod
    def parse(cls, text: str, size: int = 224, pooling: str = "avg") -> Self:
        """Parse the text of a view; `size` and `pooling` are defaults for missing parts.

        ``grid`` and ``spatial`` are short for ``grid2`` and ``spatial2``, ``flip`` for
        ``whole+flip``.
        """
        match = _TEXT.fullmatch(text.strip())
        if match is None:
            raise FeatureError(f"view {text!r} is not of the form whole@224:avg")
        crop, poolings = match["crop"], (match["pooling"] or pooling).split("+")
        return cls(
            _SHORT.get(crop, crop),
            int(match["size"] or size),
            "+".join(_SHORT.get(name, name) for name in poolings),
            match["combination"] or "mean",
            match["flip"] is not None or crop == "flip",
        )

    def __str__(self) -> str:
        flip = "+flip" if self.flip else ""
        combination = "" if self.combination == "mean" else f"/{self.combination}"
        return f"{self.crop}{flip}@{self.size}:{self.pooling}{combination}"

    @property
    def poolings(self) -> tuple[str, ...]:
        """Names of the poolings whose vectors are concatenated."""
        return tuple(self.pooling.split("+"))

    @property
    def keeps_regions(self) -> bool:
        """Whether the features have one vector for each region."""
        return self.combination == "keep"

    def shape(self, channels: int) -> tuple[int, ...]:
        """Return the shape of the view's features for a number of channels.

        Returns
        -------
        tuple of int
            (length,), or (regions, length) if the view keeps regions.
        """
        crops, poolings = len(CROPS[self.crop]), [POOLINGS[part] for part in self.poolings]
        if self.keeps_regions:
            return crops * poolings[0].regions, channels * len(poolings)
        length = channels * sum(1 if pooling.summed else pooling.regions for pooling in poolings)
        return (length * crops if self.combination == "concat" else length,)


@dataclass(frozen=True)
class MapView:
    """View of an engine that returns the last feature map itself instead of a pooled vector."""

    size: int
    pooling: str = "none"
    poolings: tuple[str, ...] = ()
