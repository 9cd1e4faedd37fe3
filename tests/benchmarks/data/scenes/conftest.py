"""Folder of sprites: a green disc and a magenta square with a transparent hole."""

import pytest
from PIL import Image, ImageDraw


@pytest.fixture
def sprites(tmp_path):
    folder = tmp_path / "sprites"
    disc = Image.new("RGBA", (120, 100))
    ImageDraw.Draw(disc).ellipse((20, 10, 99, 89), fill=(0, 255, 0, 255))
    square = Image.new("RGBA", (90, 90))
    ImageDraw.Draw(square).rectangle((10, 10, 79, 79), fill=(255, 0, 255, 255))
    ImageDraw.Draw(square).rectangle((35, 35, 54, 54), fill=(0, 0, 0, 0))
    for label, image in {"disc": disc, "square": square}.items():
        (folder / label).mkdir(parents=True)
        image.save(folder / label / "one.png")
    return folder
