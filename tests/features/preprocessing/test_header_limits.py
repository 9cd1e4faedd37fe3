"""Files whose headers are expensive to parse are refused by the lengths that they declare."""

import io
import struct
import zlib

import pytest
from PIL import Image

from catnocat.features import UnreadableImage, read_image
from catnocat.features.preprocessing import header_limits


@pytest.fixture
def encoded(photograph):
    def encode(kind, **options):
        buffer = io.BytesIO()
        photograph.resize((160, 120)).save(buffer, kind, **options)
        return buffer.getvalue()

    return encode


@pytest.fixture
def read(tmp_path):
    def read_bytes(content):
        (tmp_path / "image").write_bytes(content)
        return read_image(tmp_path / "image")

    return read_bytes


def chunk(kind, content):
    check = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + check


@pytest.fixture
def low_limits(monkeypatch):
    monkeypatch.setattr(header_limits, "MAX_METADATA_BYTES", 100_000)
    monkeypatch.setattr(header_limits, "MAX_COMMENT_BYTES", 1000)
    monkeypatch.setattr(header_limits, "MAX_TIFF_PARTS", 10)
    monkeypatch.setattr(header_limits, "MAX_SCANS", 20)


@pytest.mark.parametrize("place", [33, -12])  # before and after the pixels
def test_png_chunks(read, encoded, low_limits, place):
    png = encoded("PNG")

    def with_chunk(size):
        return png[:place] + chunk(b"exTr", bytes(size)) + png[place:]

    assert read(with_chunk(90_000)).size == (160, 120)
    with pytest.raises(UnreadableImage, match="more than 100,000 bytes of metadata"):
        read(with_chunk(110_000))


def test_jpeg_segments(read, encoded, low_limits):
    jpeg, segment = encoded("JPEG"), b"\xff\xe5" + struct.pack(">H", 40_000) + bytes(39_998)
    assert read(jpeg[:2] + 2 * segment + jpeg[2:]).size == (160, 120)
    with pytest.raises(UnreadableImage, match="more than 100,000 bytes of metadata"):
        read(jpeg[:2] + 3 * segment + jpeg[2:])


def test_jpeg_bytes_between_segments(read, low_limits):
    with pytest.raises(UnreadableImage, match="more than 100,000 bytes of metadata"):
        read(b"\xff\xd8\xff\xe0\0\2" + bytes(2_000_000))


def test_progressive_scans(read, encoded, low_limits):
    jpeg = encoded("JPEG", progressive=True)
    last = jpeg.rindex(b"\xff\xda")
    scans = jpeg.count(b"\xff\xda")
    assert read(jpeg).size == (160, 120)
    with pytest.raises(UnreadableImage, match="more than 20 scans"):
        read(jpeg[:-2] + jpeg[last:-2] * (21 - scans) + jpeg[-2:])


def test_bytes_after_the_image_are_not_scans(read, encoded, low_limits):
    assert read(encoded("JPEG", progressive=True) + b"\xff\xda" * 50).size == (160, 120)
    assert read(encoded("JPEG") + b"\xff\xda" * 50).size == (160, 120)


def test_gif_comments(read, encoded, low_limits):
    gif = encoded("GIF")
    start = 13 + (3 << (gif[10] & 7) + 1)

    def with_comment(blocks):
        comment = b"!\xfe" + (b"\xff" + b"c" * 255) * blocks + b"\0"
        return gif[:start] + comment + gif[start:]

    assert read(with_comment(3)).size == (160, 120)
    with pytest.raises(UnreadableImage, match="more than 1,000 bytes of comments"):
        read(with_comment(4))


@pytest.mark.parametrize("big", [False, True])
def test_tiff_strips(tmp_path, photograph, low_limits, big):
    path = tmp_path / "image.tif"
    image = photograph.resize((64, 48))
    image.save(path, tiffinfo={278: 8}, compression="tiff_deflate", big_tiff=big)
    assert read_image(path).size == (64, 48)
    image.save(path, tiffinfo={278: 2}, compression="tiff_deflate", big_tiff=big)
    with pytest.raises(UnreadableImage, match="24 strips or tiles are more than 10"):
        read_image(path)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "TIFF"])
def test_truncated_headers_are_left_to_pillow(read, encoded, kind):
    content = encoded(kind)
    for length in range(1, 60):
        with pytest.raises(UnreadableImage, match=r"broken|not an image|truncated"):
            read(content[:length])


def test_ordinary_files_of_every_format_pass(read, photograph):
    exif, profile = Image.Exif(), bytes(50_000)
    exif[0x010E] = "a description"
    for kind in ("PNG", "JPEG", "TIFF", "WEBP"):
        buffer = io.BytesIO()
        photograph.save(buffer, kind, exif=exif, icc_profile=profile)
        assert read(buffer.getvalue()).size == photograph.size
