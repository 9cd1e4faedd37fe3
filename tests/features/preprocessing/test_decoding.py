import os

import numpy as np
import pytest
from PIL import Image

from catnocat.features import FeatureError, UnreadableImage, read_image


def test_every_readable_image_becomes_rgb(readable):
    for path in readable.values():
        assert read_image(path).mode == "RGB"


def close(image, expected, tolerance):
    difference = np.asarray(image, float) - np.asarray(expected.convert("RGB"), float)
    return abs(difference).mean() < tolerance


def test_cmyk_keeps_its_colours(readable, photograph):
    assert close(read_image(readable["cmyk.jpg"]), photograph.resize((64, 48)), 12)


@pytest.mark.parametrize("name", ["deep.png", "deep.tif"])
def test_sixteen_bits_are_scaled_not_clipped(readable, photograph, name):
    assert close(read_image(readable[name]), photograph.resize((64, 48)).convert("L"), 1)


def test_floats_are_scaled_by_their_range(readable):
    image = np.asarray(read_image(readable["float.tif"]))
    assert (image.min(), image.max()) == (0, 255)


@pytest.mark.parametrize("name", ["see-through.png", "see-through.webp", "grey-alpha.png"])
def test_transparency_becomes_white(readable, name):
    image = np.asarray(read_image(readable[name]))
    assert (image[0] > 250).all()  # nothing of the image is left where alpha is 0


def test_transparent_palette_colour_becomes_white(readable):
    path = readable["palette-alpha.png"]
    with Image.open(path) as image:
        transparent = np.asarray(image) == 0
    assert transparent.any()
    assert (np.asarray(read_image(path))[transparent] == 255).all()


def test_first_frame_of_an_animation_is_used(readable, photograph):
    assert close(read_image(readable["animated.gif"]), photograph.resize((64, 48)), 12)


def test_exif_orientation_is_applied(readable, photograph):
    image = read_image(readable["turned.jpg"])
    assert image.size == (48, 64)
    assert close(image, photograph.resize((64, 48)).rotate(270, expand=True), 12)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_all_exif_orientations_are_applied(tmp_path, photograph, orientation):
    from PIL import ImageOps

    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "turned.png"
    photograph.resize((64, 48)).save(path, exif=exif)
    with Image.open(path) as image:
        expected = ImageOps.exif_transpose(image)
    assert np.array_equal(np.asarray(read_image(path)), np.asarray(expected))


def test_broken_exif_is_ignored(tmp_path, photograph):
    path = tmp_path / "exif.jpg"
    photograph.resize((64, 48)).save(path, exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert read_image(path).size == (64, 48)


def test_broken_files_have_short_reasons(broken):
    for path, word in broken.items():
        with pytest.raises(UnreadableImage) as caught:
            read_image(path)
        assert word in caught.value.reason
        assert caught.value.path == path
        assert "\n" not in str(caught.value)
        assert str(caught.value).startswith(str(path))


def test_folder_is_not_a_file(tmp_path):
    with pytest.raises(UnreadableImage) as caught:
        read_image(tmp_path)
    assert caught.value.reason == "not a file"


def test_only_failures_of_the_content_are_lasting(broken):
    for path, word in broken.items():
        with pytest.raises(UnreadableImage) as caught:
            read_image(path)
        assert caught.value.lasting == (word not in ("no such file", "not a file"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_pipe_is_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    with pytest.raises(FeatureError, match="not a file"):
        read_image(tmp_path / "pipe.jpg")


def test_null_byte_in_a_name_is_reported(tmp_path):
    with pytest.raises(FeatureError, match="cannot be opened"):
        read_image(str(tmp_path / "a\0b.jpg"))


def test_large_image_below_the_limit_gives_no_warning(tmp_path):
    path = tmp_path / "large.png"
    Image.new("1", (10_000, 9_500)).save(path)  # Pillow warns from 89 million pixels on
    assert read_image(path).size == (10_000, 9_500)


@pytest.fixture
def grey(photograph):
    return np.asarray(photograph.resize((64, 48)).convert("L"))


@pytest.mark.parametrize("bits", [10, 12, 14, 16])
@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_bit_depth_below_sixteen_is_scaled_to_eight_bits(tmp_path, grey, bits, suffix):
    values = grey.copy()
    values[0, 0] = 255
    deep = (values.astype(np.uint32) * (2**bits - 1) // 255).astype(np.uint16)
    Image.fromarray(deep).save(tmp_path / f"deep.{suffix}")
    read = np.asarray(read_image(tmp_path / f"deep.{suffix}"))[..., 0]
    assert abs(read.astype(int) - values).max() <= 1


def test_integers_of_thirty_two_bits_are_scaled(tmp_path, grey):
    values = np.where(grey > 250, 255, grey).astype(np.int32)
    values[0, 0] = 255
    Image.fromarray(values * 4095 // 255).save(tmp_path / "deep.tif")
    read = np.asarray(read_image(tmp_path / "deep.tif"))[..., 0]
    assert abs(read.astype(int) - values).max() <= 1


@pytest.mark.parametrize("bits", [12, 16])
@pytest.mark.parametrize("channels", [3, 4])
def test_sixteen_bit_colour_is_scaled_by_its_bit_depth(tmp_path, photograph, bits, channels):
    values = np.asarray(photograph.resize((64, 48)).convert("RGB")).copy()
    values[0, 0] = 255
    bands = np.dstack([values, values[..., :1]])[..., :channels]
    deep = (bands.astype(np.uint32) * (2**bits - 1) // 255).astype("<u2")
    (tmp_path / "deep.tif").write_bytes(tiff(deep))
    read = np.asarray(read_image(tmp_path / "deep.tif"))
    assert abs(read.astype(int) - values).max() <= 1


def tiff(values):
    """Write an uncompressed TIFF file of 16 bits per channel, like tools for satellite images."""
    import struct

    height, width, channels = values.shape
    entries = [(256, 3, 1, width), (257, 3, 1, height), (258, 3, channels, 200), (259, 3, 1, 1)]
    entries += [(262, 3, 1, 2), (273, 4, 1, 208), (277, 3, 1, channels), (278, 3, 1, height)]
    entries += [(279, 4, 1, values.nbytes), (284, 3, 1, 1)]
    entries += [(338, 3, 1, 0)] if channels == 4 else []
    head = b"II*\0" + struct.pack("<IH", 8, len(entries))
    head += b"".join(struct.pack("<HHII", *entry) for entry in entries) + bytes(4)
    bits = struct.pack(f"<{channels}H", *[16] * channels)
    return head.ljust(200, b"\0") + bits.ljust(8, b"\0") + values.tobytes()


@pytest.mark.parametrize("name", ["a.jpe", "a.JFIF", "a.heic", "a.HEIC", "a.avif"])
def test_phone_formats_are_read(tmp_path, photograph, name):
    small, kind = photograph.resize((64, 48)), name.partition(".")[2].lower()
    if kind == "heic":
        pytest.importorskip("pillow_heif").register_heif_opener()
    small.save(tmp_path / name, {"heic": "HEIF", "avif": "AVIF"}.get(kind, "JPEG"), quality=90)
    assert close(read_image(tmp_path / name), small, 6)


@pytest.mark.skipif(not os.path.exists("/dev/null"), reason="the system has no devices")  # noqa: PTH110
def test_link_to_a_device_is_refused(tmp_path):
    (tmp_path / "device.jpg").symlink_to("/dev/zero")
    with pytest.raises(FeatureError, match="not a file"):
        read_image(tmp_path / "device.jpg")


def test_large_file_is_refused_by_its_first_bytes(tmp_path):
    with (tmp_path / "sparse.jpg").open("wb") as file:
        file.truncate(900_000_000)
    with pytest.raises(UnreadableImage, match="not an image in a known format"):
        read_image(tmp_path / "sparse.jpg")
