"""What of a picture is shown to the network, how large, and how the answer is pooled."""

import re
from dataclasses import dataclass
from typing import Self

import numpy as np
from PIL import Image

from ..utils import FeatureError
from .input_spec import Preprocessing
from .pooling import POOLINGS

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


COMBINATIONS = ("mean", "max", "concat", "keep")

_TEXT = re.compile(
    r"(?P<crop>[a-z]+[0-9]?)(?P<flip>\+flip)?(@(?P<size>[0-9]+))?"
    r"(:(?P<pooling>[a-z0-9+]+))?(/(?P<combination>[a-z]+))?"
)
# What people say for the plainest of several.
_SHORT = {"flip": "whole", "grid": "grid2", "spatial": "spatial2"}


@dataclass(frozen=True)
class View:
    """One look at a picture, written ``CROP[+flip][@SIZE][:POOLING][/COMBINATION]``.

    Parameters
    ----------
    crop : {"whole", "center", "five", "grid2", "grid3", "grid4"}
        The whole picture squashed into a square, so that no object is cut off; the square in its
        middle; that and the squares in its four corners; or 2 x 2, 3 x 3 or 4 x 4 rectangles of the
        picture's own shape, each overlapping half of the next, squashed.
    size : int
        Side in pixels of the square that the network sees of each crop.
    pooling : str
        How the last feature map becomes a vector, or several of these joined by ``+``, whose
        vectors are concatenated:

        - ``avg``, ``max``: over places; ``gem``: the generalised mean with exponent 3, in between;
        - ``regions``: 14 overlapping windows at three scales, the maximum over each scaled to
          length 1, added up (R-MAC);
        - ``spatial2``, ``spatial3``: the averages of the map and of its 2 x 2 bins, and of 3 x 3,
          concatenated (a pyramid);
        - ``prelogits``: the input of the network's own classifier, whatever pooling and layers
          come before it;
        - ``cells2`` to ``cells14``: the averages of so many by so many bins, concatenated.
    combination : {"mean", "max", "concat", "keep"}
        What becomes of the vectors of several crops. ``"keep"`` gives a row of vectors, one for
        each region: for each crop, and in each crop for each window, bin or cell of its pooling,
        which are then neither added up nor concatenated.
    flip : bool
        Show each crop mirrored too and take the mean of both, part by part of what they show.

    See Also
    --------
    Pooling : Exactly which windows and bins.

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
            raise FeatureError(f"view {self}: it has one crop, there is nothing to combine")
        if self.keeps_regions and len({POOLINGS[part].regions for part in parts}) > 1:
            raise FeatureError(f"view {self}: the poolings differ in their regions, keep one")

    @classmethod
    def parse(cls, text: str, size: int = 224, pooling: str = "avg") -> Self:
        """Read a view's text; `size` and `pooling` are used when it names none.

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
        """The names of the poolings whose vectors are concatenated."""
        return tuple(self.pooling.split("+"))

    @property
    def keeps_regions(self) -> bool:
        """Whether a row has a vector for each region."""
        return self.combination == "keep"

    def shape(self, channels: int) -> tuple[int, ...]:
        """Give the shape of the view's row for a feature map of so many channels.

        Returns
        -------
        tuple of int
            The length of its vector, or the number of regions and the length of each one's.
        """
        crops, poolings = len(CROPS[self.crop]), [POOLINGS[part] for part in self.poolings]
        if self.keeps_regions:
            return crops * poolings[0].regions, channels * len(poolings)
        length = channels * sum(1 if one.summed else one.regions for one in poolings)
        return (length * crops if self.combination == "concat" else length,)


@dataclass(frozen=True)
class MapView:
    """For an engine: not a pooled vector but the last feature map itself, place by place."""

    size: int
    pooling: str = "none"
    poolings: tuple[str, ...] = ()
