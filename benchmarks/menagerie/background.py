"""What stands behind the animals: crops of scikit-learn's two photographs.

Photograph, place, scale, flip and light are drawn without regard to the animals, so that the
background carries no information about the labels.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["draw_background", "photographs"]

# The side of a crop as a share of the photograph's shorter side. Smaller ones turn to mush.
CROP = (0.4, 1.0)
BRIGHTNESS = (0.55, 1.2)
CAST = 0.12  # how far a colour channel may be off, up or down


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
    gains = rng.uniform(*BRIGHTNESS) * rng.uniform(1 - CAST, 1 + CAST, size=3)
    return crop.point(gain_table(gains))


def gain_table(gains: Sequence[float] | NDArray[np.float64]) -> list[int]:
    """Give the look-up table that multiplies each channel by its gain."""
    levels = np.rint(np.outer(gains, np.arange(256)))
    return [int(level) for level in np.clip(levels, 0, 255).ravel().tolist()]
