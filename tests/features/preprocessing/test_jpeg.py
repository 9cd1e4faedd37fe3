import io

import numpy as np
import pytest
from PIL import Image

from catnocat.features import UnreadableImage, read_image
from catnocat.features.preprocessing import decoding as jpeg
from catnocat.features.preprocessing.decoding import DECODER, DECODING_VERSION, decode

simplejpeg = pytest.importorskip("simplejpeg")

KINDS = {
    "plain": {},
    "best": {"quality": 100, "subsampling": 0},
    "poor": {"quality": 5},
    "422": {"subsampling": 1},
    "progressive": {"progressive": True},
    "optimised": {"optimize": True},
    "restarting": {"restart_marker_blocks": 4},
    "kept RGB": {"keep_rgb": True},
}


def encoded(image, **options):
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", **options)
    return buffer.getvalue()


def decoded(data):
    """Return the pixels of an image and None, or None and the reason."""
    try:
        return np.asarray(decode(data)), None
    except UnreadableImage as error:
        return None, error.reason


@pytest.fixture
def pillow_alone(monkeypatch):
    """Return a function like `decoded` that uses only Pillow."""

    def ask(data):
        with monkeypatch.context() as patched:
            patched.setattr(jpeg, "simplejpeg", None)
            return decoded(data)

    return ask


def test_decoder_names_include_versions():
    first, second, third = DECODER.split("/")
    assert simplejpeg.__version__.startswith(first.removeprefix("simplejpeg-"))
    assert Image.__version__.startswith(second.removeprefix("pillow-"))
    assert third == f"decoding-{DECODING_VERSION}"


@pytest.mark.parametrize("options", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("size", [(640, 427), (33, 17), (1, 1)])
def test_pixels_equal_those_of_pillow(photograph, pillow_alone, options, mode, size):
    if mode == "L":
        options = {name: options[name] for name in options if name != "keep_rgb"}
    data = encoded(photograph.resize(size).convert(mode), **options)
    with Image.open(io.BytesIO(data)) as opened:
        assert jpeg.decode_jpeg(data, opened) is not None
    assert np.array_equal(decoded(data)[0], pillow_alone(data)[0])


@pytest.mark.parametrize("orientation", range(1, 9))
def test_jpeg_orientation_is_applied(photograph, pillow_alone, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(photograph.resize((64, 48)), exif=exif)
    assert np.array_equal(decoded(data)[0], pillow_alone(data)[0])


def test_cmyk_is_decoded_by_pillow(photograph, pillow_alone):
    data = encoded(photograph.resize((64, 48)).convert("CMYK"))
    with Image.open(io.BytesIO(data)) as opened:
        assert jpeg.decode_jpeg(data, opened) is None
    assert np.array_equal(decoded(data)[0], pillow_alone(data)[0])


def test_first_image_of_a_multi_picture_file_is_used(photograph, pillow_alone):
    buffer = io.BytesIO()
    small = photograph.resize((64, 48))
    small.save(buffer, "MPO", save_all=True, append_images=[small.rotate(180)])
    assert np.array_equal(decoded(buffer.getvalue())[0], pillow_alone(buffer.getvalue())[0])


def test_truncated_files_are_refused_like_by_pillow(photograph, pillow_alone):
    data = encoded(photograph.resize((160, 107)), progressive=True)
    for length in range(0, len(data), 97):
        ours, theirs = decoded(data[:length]), pillow_alone(data[:length])
        assert ours[1] == theirs[1]
    assert ours[0] is None


def test_damaged_files_are_treated_like_by_pillow(photograph, pillow_alone, rng):
    data = encoded(photograph.resize((160, 107)))
    refused = 0
    for _ in range(300):
        damaged = bytearray(data)
        for place in rng.integers(0, len(data), 3):
            damaged[place] = rng.integers(256)
        ours, theirs = decoded(bytes(damaged)), pillow_alone(bytes(damaged))
        refused += ours[1] is not None
        assert ours[1] == theirs[1]
        assert np.array_equal(ours[0], theirs[0])
    assert 0 < refused < 300


def test_bytes_after_the_end_are_ignored(photograph, pillow_alone):
    data = encoded(photograph.resize((64, 48))) + b"left by a camera" * 100
    assert np.array_equal(decoded(data)[0], pillow_alone(data)[0])


def test_pillow_decodes_without_simplejpeg(tmp_path, photograph, monkeypatch):
    monkeypatch.setattr(jpeg, "simplejpeg", None)
    path = tmp_path / "photograph.jpg"
    path.write_bytes(encoded(photograph))
    assert read_image(path).size == (640, 427)
