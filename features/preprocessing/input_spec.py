"""Input specification of a backbone."""

from dataclasses import dataclass

from PIL import Image

from ..utils import FeatureError


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
