"""What of a picture is shown to the network, how large, and how the answer is pooled."""

import re
from dataclasses import dataclass
from typing import Self

import numpy as np
from PIL import Image

from .errors import FeatureError

CROPS = ("whole", "center")
POOLINGS = ("avg", "max")

_TEXT = re.compile(r"(?P<crop>[a-z]+)(@(?P<size>[0-9]+))?(:(?P<pooling>[a-z+]+))?")


@dataclass(frozen=True)
class Preprocessing:
    """How a backbone wants its pictures.

    Parameters
    ----------
    size : int
        Side in pixels of the square it was trained on.
    interpolation : str
        ``"bilinear"``, ``"bicubic"`` or ``"lanczos"``.
    mean, std : tuple of three floats
        Of red, green and blue, for values between 0 and 1.
    crop_pct : float
        The share of the shorter side that the centre crop keeps.
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
class View:
    """One look at a picture.

    Parameters
    ----------
    crop : {"whole", "center"}
        The whole picture squashed into a square, so that no object is cut off, or the square in
        its middle.
    size : int
        Side of the square in pixels.
    pooling : str
        How the last feature map becomes a vector: ``"avg"`` or ``"max"`` over places, or both,
        concatenated, as ``"avg+max"``.

    Examples
    --------
    >>> from catnocat.features import View
    >>> View.parse("center@320:avg+max")
    View(crop='center', size=320, pooling='avg+max')
    >>> str(View.parse("whole"))
    'whole@224:avg'
    """

    crop: str = "whole"
    size: int = 224
    pooling: str = "avg"

    def __post_init__(self) -> None:
        if self.crop not in CROPS:
            raise FeatureError(f"view {self}: the crop must be one of {', '.join(CROPS)}")
        if not 32 <= self.size <= 2048:
            raise FeatureError(f"view {self}: the size must lie between 32 and 2048")
        parts = self.pooling.split("+")
        if not set(parts) <= set(POOLINGS) or len(set(parts)) < len(parts):
            raise FeatureError(
                f"view {self}: the pooling must be of {', '.join(POOLINGS)}, joined by '+'"
            )

    @classmethod
    def parse(cls, text: str, size: int = 224) -> Self:
        """Read ``crop[@size][:pooling]``; `size` is used when the text names none."""
        match = _TEXT.fullmatch(text.strip())
        if match is None:
            raise FeatureError(f"view {text!r} is not of the form whole@224:avg")
        return cls(match["crop"], int(match["size"] or size), match["pooling"] or "avg")

    def __str__(self) -> str:
        return f"{self.crop}@{self.size}:{self.pooling}"

    def dimension(self, channels: int) -> int:
        """Give the length of the view's vector for a feature map of so many channels."""
        return channels * len(self.pooling.split("+"))

    def show(self, image: Image.Image, preprocessing: Preprocessing) -> np.ndarray:
        """Give what the network sees: uint8 (size, size, 3)."""
        box = None
        if self.crop == "center":
            side = min(image.size) * preprocessing.crop_pct
            left, top = (image.width - side) / 2, (image.height - side) / 2
            box = (left, top, left + side, top + side)
        resampling = Image.Resampling[preprocessing.interpolation.upper()]
        return np.asarray(image.resize((self.size, self.size), resampling, box=box))
