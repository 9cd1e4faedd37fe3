"""Drawn textures with corners."""

import numpy as np
import pytest
from PIL import Image, ImageDraw
from scipy import ndimage


@pytest.fixture(scope="session", name="scene")
def scene_by_number():
    """Return a function that draws a scene of a number."""
    return scene


def scene(seed):
    """Draw shapes on a soft background."""
    rng = np.random.default_rng(seed)
    soft = ndimage.gaussian_filter(rng.normal(size=(240, 320)), 12) * 600 + 120
    image = Image.fromarray(np.clip(soft, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for _ in range(45):
        x, y, w, h = rng.integers(0, 320), rng.integers(0, 240), *rng.integers(8, 60, 2)
        draw.polygon(
            [(int(x + w * a), int(y + h * b)) for a, b in rng.random((4, 2))],
            fill=int(rng.integers(0, 255)),
        )
    return image
