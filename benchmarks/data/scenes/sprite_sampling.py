"""Random appearance of animals and backgrounds: drawing, size, rotation and light."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .sprites import MIN_ALPHA, Sprite, transform_sprite

Mask = NDArray[np.bool_]

# Range of the side of a crop as a share of the shorter side of the photograph. Smaller crops are
# too blurred.
CROP_SCALE = (0.4, 1.0)
BACKGROUND_BRIGHTNESS = (0.55, 1.2)
BACKGROUND_TINT = 0.12  # maximum relative change of a colour channel


def open_photographs() -> list[Image.Image]:
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
    side = rng.uniform(*CROP_SCALE) * min(photograph.size)
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
        1 - BACKGROUND_TINT, 1 + BACKGROUND_TINT, size=3
    )
    return crop.point(gain_table(gains))


def gain_table(gains: Sequence[float] | NDArray[np.float64]) -> list[int]:
    """Return the look-up table that multiplies each channel by its gain."""
    levels = np.rint(np.outer(gains, np.arange(256)))
    return [int(level) for level in np.clip(levels, 0, 255).ravel().tolist()]


MAX_ROTATION = 40.0  # degrees in both directions: animals are tilted, never upside down
BRIGHTNESS = (0.7, 1.1)
TINT = 0.15  # maximum relative change of a colour channel


@dataclass(frozen=True)
class SpriteSample:
    """Image of one animal, ready to paste.

    Attributes
    ----------
    drawing : str
        Name of the drawing.
    diameter : int
        Diameter of the circle around the animal, in pixels.
    image : Image
        RGBA, trimmed to the pixels that are not fully transparent.
    mask : ndarray of bool, shape (height, width)
        Pixels of the image that belong to the animal.
    left, top : int
        Pixels trimmed from the square around the circle.
    """

    drawing: str
    diameter: int
    image: Image.Image
    mask: Mask
    left: int
    top: int

    def box(self, x: int, y: int) -> tuple[int, int, int, int]:
        """Return the bounding box of the animal when the corner of its image is at (x, y)."""
        columns, rows = np.flatnonzero(self.mask.any(axis=0)), np.flatnonzero(self.mask.any(axis=1))
        return (
            x + int(columns[0]),
            y + int(rows[0]),
            x + int(columns[-1]) + 1,
            y + int(rows[-1]) + 1,
        )


def sample_sprite(
    rng: np.random.Generator, sprites: Sequence[Sprite], diameters: tuple[int, int]
) -> SpriteSample:
    """Draw one of the `sprites` of an animal with random size, rotation and light.

    The logarithm of the diameter is uniformly distributed.

    Examples
    --------
    >>> sprite = ("tile", Image.new("RGBA", (80, 80), "red").convert("RGBa"))
    >>> sample_sprite(np.random.default_rng(0), [sprite], (30, 30)).diameter
    30
    """
    drawing, square = sprites[int(rng.integers(len(sprites)))]
    smallest, largest = diameters
    diameter = round(smallest * math.exp(rng.random() * math.log(largest / smallest)))
    image = transform_sprite(
        square, diameter, rng.uniform(-MAX_ROTATION, MAX_ROTATION), flip=rng.random() < 0.5
    )
    gains = rng.uniform(*BRIGHTNESS) * rng.uniform(1 - TINT, 1 + TINT, size=3)
    image = image.point([*gain_table(gains), *range(256)])
    box = image.getchannel("A").getbbox() or (0, 0, diameter, diameter)
    image = image.crop(box)
    mask = np.asarray(image.getchannel("A")) >= MIN_ALPHA
    return SpriteSample(drawing, diameter, image, mask, box[0], box[1])
