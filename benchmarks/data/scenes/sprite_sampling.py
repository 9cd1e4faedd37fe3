"""How one animal looks in one scene: which drawing, how large, how turned, in what light."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .layout import Mask
from .sprites import OPAQUE, Sprite, turned

# The side of a crop as a share of the photograph's shorter side. Smaller ones turn to mush.
CROP = (0.4, 1.0)
BACKGROUND_BRIGHTNESS = (0.55, 1.2)
BACKGROUND_CAST = 0.12  # how far a colour channel may be off, up or down


def photographs() -> list[Image.Image]:
    """Open the photographs "china" and "flower" that come with scikit-learn."""
    from sklearn.datasets import load_sample_images

    return [Image.fromarray(photograph) for photograph in load_sample_images().images]


def draw_background(
    rng: np.random.Generator, photographs: Sequence[Image.Image], canvas: int
) -> Image.Image:
    """Draw one RGB background of `canvas` x `canvas` pixels.

    Examples
    --------
    >>> meadow = Image.new("RGB", (64, 48), "green")
    >>> draw_background(np.random.default_rng(0), [meadow], 32).size
    (32, 32)
    """
    photograph = photographs[int(rng.integers(len(photographs)))]
    side = rng.uniform(*CROP) * min(photograph.size)
    left = rng.uniform(0, photograph.width - side)
    top = rng.uniform(0, photograph.height - side)
    crop = photograph.resize(
        (canvas, canvas),
        Image.Resampling.BICUBIC,
        box=(left, top, left + side, top + side),
    )
    if rng.random() < 0.5:
        crop = crop.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    gains = rng.uniform(*BACKGROUND_BRIGHTNESS) * rng.uniform(
        1 - BACKGROUND_CAST, 1 + BACKGROUND_CAST, size=3
    )
    return crop.point(gain_table(gains))


def gain_table(gains: Sequence[float] | NDArray[np.float64]) -> list[int]:
    """Give the look-up table that multiplies each channel by its gain."""
    levels = np.rint(np.outer(gains, np.arange(256)))
    return [int(level) for level in np.clip(levels, 0, 255).ravel().tolist()]


TURN = 40.0  # degrees to either side: an animal may lean, it does not lie on its back
BRIGHTNESS = (0.7, 1.1)
CAST = 0.15  # how far a colour channel may be off, up or down


@dataclass(frozen=True)
class Portrait:
    """One animal, ready to be pasted.

    Attributes
    ----------
    drawing : str
        Name of the drawing.
    diameter : int
        Of the circle that holds the animal, in pixels.
    picture : Image
        RGBA, trimmed to what is not fully transparent.
    mask : ndarray of bool, shape (height, width)
        Which pixels of the picture belong to the animal.
    left, top : int
        What was trimmed from the square around the circle.
    """

    drawing: str
    diameter: int
    picture: Image.Image
    mask: Mask
    left: int
    top: int

    def box(self, x: int, y: int) -> tuple[int, int, int, int]:
        """Give the box around the animal's pixels where the picture's corner is at (x, y)."""
        columns, rows = np.flatnonzero(self.mask.any(axis=0)), np.flatnonzero(self.mask.any(axis=1))
        return (
            x + int(columns[0]),
            y + int(rows[0]),
            x + int(columns[-1]) + 1,
            y + int(rows[-1]) + 1,
        )


def draw_portrait(
    rng: np.random.Generator, sprites: Sequence[Sprite], diameters: tuple[int, int]
) -> Portrait:
    """Draw one animal as one of its `sprites`, its size uniform in the logarithm.

    Examples
    --------
    >>> sprite = ("tile", Image.new("RGBA", (80, 80), "red").convert("RGBa"))
    >>> draw_portrait(np.random.default_rng(0), [sprite], (30, 30)).diameter
    30
    """
    drawing, square = sprites[int(rng.integers(len(sprites)))]
    smallest, largest = diameters
    diameter = round(smallest * math.exp(rng.random() * math.log(largest / smallest)))
    picture = turned(square, diameter, rng.uniform(-TURN, TURN), flip=rng.random() < 0.5)
    gains = rng.uniform(*BRIGHTNESS) * rng.uniform(1 - CAST, 1 + CAST, size=3)
    picture = picture.point([*gain_table(gains), *range(256)])
    box = picture.getchannel("A").getbbox() or (0, 0, diameter, diameter)
    picture = picture.crop(box)
    mask = np.asarray(picture.getchannel("A")) >= OPAQUE
    return Portrait(drawing, diameter, picture, mask, box[0], box[1])
