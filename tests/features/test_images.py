import os

import numpy as np
import pytest
from PIL import Image

from catnocat.features import FeatureError, UnreadableImage, read_image


def test_every_readable_picture_becomes_rgb(readable):
    for path in readable.values():
        assert read_image(path).mode == "RGB"


def close(image, expected, tolerance):
    difference = np.asarray(image, float) - np.asarray(expected.convert("RGB"), float)
    return abs(difference).mean() < tolerance


def test_colours_survive_cmyk(readable, photograph):
    assert close(read_image(readable["cmyk.jpg"]), photograph.resize((64, 48)), 12)


@pytest.mark.parametrize("name", ["deep.png", "deep.tif"])
def test_sixteen_bits_are_scaled_not_clipped(readable, photograph, name):
    assert close(read_image(readable[name]), photograph.resize((64, 48)).convert("L"), 1)


def test_numbers_without_a_white_are_scaled_by_their_own_range(readable):
    image = np.asarray(read_image(readable["float.tif"]))
    assert (image.min(), image.max()) == (0, 255)


@pytest.mark.parametrize("name", ["see-through.png", "see-through.webp", "grey-alpha.png"])
def test_what_is_see_through_lies_on_white(readable, name):
    image = np.asarray(read_image(readable[name]))
    assert (image[0] > 250).all()  # nothing of the picture is left where alpha is 0


def test_a_palettes_transparent_colour_is_white(readable):
    path = readable["palette-alpha.png"]
    with Image.open(path) as image:
        transparent = np.asarray(image) == 0
    assert transparent.any()
    assert (np.asarray(read_image(path))[transparent] == 255).all()


def test_the_first_frame_counts(readable, photograph):
    assert close(read_image(readable["animated.gif"]), photograph.resize((64, 48)), 12)


def test_pictures_stand_upright(readable, photograph):
    image = read_image(readable["turned.jpg"])
    assert image.size == (48, 64)
    assert close(image, photograph.resize((64, 48)).rotate(270, expand=True), 12)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_all_orientations_are_undone(tmp_path, photograph, orientation):
    from PIL import ImageOps

    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "turned.png"
    photograph.resize((64, 48)).save(path, exif=exif)
    with Image.open(path) as image:
        expected = ImageOps.exif_transpose(image)
    assert np.array_equal(np.asarray(read_image(path)), np.asarray(expected))


def test_broken_exif_does_not_break_the_picture(tmp_path, photograph):
    path = tmp_path / "exif.jpg"
    photograph.resize((64, 48)).save(path, exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert read_image(path).size == (64, 48)


def test_what_is_broken_is_told_in_few_words(broken):
    for path, word in broken.items():
        with pytest.raises(UnreadableImage) as caught:
            read_image(path)
        assert word in caught.value.reason
        assert caught.value.path == path
        assert "\n" not in str(caught.value)
        assert str(caught.value).startswith(str(path))


def test_what_is_no_file_is_told_once(tmp_path):
    with pytest.raises(UnreadableImage) as told:
        read_image(tmp_path)
    assert told.value.reason == "not a file"


def test_only_what_is_known_by_its_bytes_lasts(broken):
    for path, word in broken.items():
        with pytest.raises(UnreadableImage) as caught:
            read_image(path)
        assert caught.value.lasting == (word not in ("no such file", "not a file"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    with pytest.raises(FeatureError, match="not a file"):
        read_image(tmp_path / "pipe.jpg")


def test_a_zero_byte_in_a_name_is_told(tmp_path):
    with pytest.raises(FeatureError, match="cannot be opened"):
        read_image(str(tmp_path / "a\0b.jpg"))


def test_a_large_picture_within_the_bound_gives_no_warning(tmp_path):
    path = tmp_path / "large.png"
    Image.new("1", (10_000, 9_500)).save(path)  # Pillow warns from 89 million pixels on
    assert read_image(path).size == (10_000, 9_500)
