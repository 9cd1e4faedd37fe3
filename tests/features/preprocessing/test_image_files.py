"""`open_image` opens only regular files, and does not read large ones whole."""

import hashlib
import io
import os

import numpy as np
import pytest
from PIL import Image

from catnocat.features import UnreadableImage, read_image
from catnocat.features.preprocessing import content_digest, image_files, open_image


@pytest.fixture
def encoded(photograph):
    def encode(kind, **options):
        buffer = io.BytesIO()
        photograph.resize((160, 120)).save(buffer, kind, **options)
        return buffer.getvalue()

    return encode


def grow(path, content, size=900_000_000):
    """Write a sparse file that starts with some content."""
    with path.open("wb") as file:
        file.write(content)
        file.truncate(size)
    return path


@pytest.mark.parametrize("target", ["/dev/zero", "/dev/kmsg", "/dev/tty", "/dev/null"])
def test_links_to_devices_are_refused(tmp_path, target):
    if not os.path.exists(target):  # noqa: PTH110
        pytest.skip("the system has no such device")
    (tmp_path / "device.jpg").symlink_to(target)
    with pytest.raises(UnreadableImage, match="not a file") as caught:
        read_image(tmp_path / "device.jpg")
    assert not caught.value.lasting


def test_a_loop_of_links_is_refused(tmp_path):
    (tmp_path / "loop.jpg").symlink_to(tmp_path / "loop.jpg")
    with pytest.raises(UnreadableImage, match="cannot be opened"):
        read_image(tmp_path / "loop.jpg")


def test_a_link_to_an_image_is_followed(tmp_path, encoded):
    (tmp_path / "image.jpg").write_bytes(encoded("JPEG"))
    (tmp_path / "link.jpg").symlink_to(tmp_path / "image.jpg")
    assert read_image(tmp_path / "link.jpg").size == (160, 120)


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        (b"", "not an image in a known format"),
        (b"\xff\xd8\xff\xe0", "bytes of metadata"),
        (b"P6 12000 12000 255\n", "pixels are more than"),
        (b"GIF89a", "a GIF file of more than"),
    ],
)
def test_sparse_files_are_refused_by_their_headers(tmp_path, monkeypatch, start, reason):
    path = grow(tmp_path / "sparse.jpg", start)
    monkeypatch.setattr(hashlib, "file_digest", None)  # a digest would read the file
    with pytest.raises(UnreadableImage, match=reason):
        read_image(path)


def test_files_above_a_gigabyte_are_refused(tmp_path):
    with pytest.raises(UnreadableImage, match="larger than a gigabyte"):
        read_image(grow(tmp_path / "sparse.jpg", b"", 1_000_000_001))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "BMP"])
def test_large_files_have_the_pixels_and_digests_of_small_ones(
    tmp_path, monkeypatch, encoded, kind
):
    path = tmp_path / "image"
    path.write_bytes(encoded(kind))
    with open_image(path) as content:
        assert isinstance(content, bytes)
        digest = content_digest(content)
    pixels = np.asarray(read_image(path))
    monkeypatch.setattr(image_files, "IN_MEMORY_BYTES", 10)
    with open_image(path) as content:
        assert not isinstance(content, bytes)
        assert content_digest(content) == digest == hashlib.sha256(path.read_bytes()).digest()
    assert np.array_equal(read_image(path), pixels)


def test_a_large_deep_image_is_decoded_like_a_small_one(tmp_path, monkeypatch):
    import struct
    import zlib

    values = (np.arange(48 * 64 * 3).reshape(48, 64, 3) % 4096).astype(">u2")
    rows = b"".join(b"\0" + row.tobytes() for row in values)

    def chunk(kind, content):
        check = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + check

    header = struct.pack(">IIBBBBB", 64, 48, 16, 2, 0, 0, 0)
    path = tmp_path / "deep.png"
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
    expected = np.rint(values.astype(float) * 255 / 4095).astype(np.uint8)
    assert np.array_equal(read_image(path), expected)
    monkeypatch.setattr(image_files, "IN_MEMORY_BYTES", 10)
    assert np.array_equal(read_image(path), expected)


def test_formats_that_need_more_memory_have_fewer_pixels(tmp_path):
    path = tmp_path / "wide.webp"
    Image.new("RGB", (16_000, 4_700)).save(path, method=0, quality=1)  # 75.2 million pixels
    with pytest.raises(UnreadableImage, match=r"16000 x 4700 pixels are more than 75,000,000"):
        read_image(path)
