"""One run over 200 malformed files, made from valid ones with random changes.

Every file is either used, with a finite vector, or listed with a reason of one line; files of which
nothing can be an image are all listed. Flipped bytes and small cuts may leave an image that
decodes: then it is used.
"""

import io
import json
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest

FORMATS = {"JPEG": "jpg", "PNG": "png", "GIF": "gif", "WEBP": "webp", "BMP": "bmp", "TIFF": "tif"}
RUN = """
import json, resource, sys
from pathlib import Path
import numpy as np
from catnocat.features import extract_features

def peak_memory():
    status = Path("/proc/self/status")
    if status.exists():  # getrusage would include the peak of the parent process
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

paths = json.load(sys.stdin)
extraction = extract_features(paths, store=sys.argv[1], n_jobs=2)
print(json.dumps({
    "readable": extraction.readable.tolist(),
    "finite": bool(np.isfinite(extraction.X).all()),
    "rows": len(extraction.X),
    "skipped": extraction.skipped,
    "megabytes": peak_memory(),
}))
"""


def chunk(kind, content):
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


def with_chunk(png, kind, content):
    """Insert a chunk after the header of a PNG file."""
    return png[:33] + chunk(kind, content) + png[33:]


def with_size(png, width, height):
    """Change the declared size of a PNG file, with a valid checksum."""
    header = struct.pack(">II", width, height) + png[24:29]
    return png[:8] + chunk(b"IHDR", header) + png[33:]


def cut(rng, whole):
    return whole[: rng.integers(1, len(whole) // 2)]


def nearly_whole(rng, whole):
    return whole[: -int(rng.integers(1, 40))]


def flipped(rng, whole):
    content = bytearray(whole)
    for place in rng.integers(0, len(whole), rng.integers(1, 30)):
        content[place] ^= 1 << rng.integers(8)
    return bytes(content)


def beheaded(rng, whole):
    return rng.bytes(16) + whole[16:]


def swapped(rng, whole):
    start, stop = sorted(rng.integers(0, len(whole), 2))
    return whole[:start] + rng.bytes(stop - start) + whole[stop:]


def noise(rng, whole):
    return rng.bytes(int(rng.integers(0, 5000)))


def ordinary(rng, whole):
    return b"PK\x03\x04 this is no image\n" * int(rng.integers(1, 50))


#: Changes of a file, and the formats for which the result cannot be an image.
DAMAGES = [
    (cut, {"JPEG", "PNG", "WEBP", "BMP"}),
    (nearly_whole, set()),
    (flipped, set()),
    (swapped, set()),
    (beheaded, {"JPEG", "PNG", "GIF", "WEBP", "BMP"}),
    (noise, set(FORMATS)),
    (ordinary, set(FORMATS)),
]


@pytest.fixture(scope="module")
def files(photograph, tmp_path_factory):
    """Return path -> whether it must be listed, for 200 files."""
    folder = tmp_path_factory.mktemp("malformed")
    rng = np.random.default_rng(7)
    whole = {}
    for kind in FORMATS:
        file = io.BytesIO()
        photograph.resize((160, 120)).save(file, kind)
        whole[kind] = file.getvalue()
    png, jpeg = whole["PNG"], whole["JPEG"]
    bomb = zlib.compress(bytes(300_000_000), 9)
    pixels = chunk(b"IDAT", zlib.compress(bytes(100_000_000), 9))
    frame = jpeg.index(b"\xff\xc0")
    contents = {
        "text-bomb.png": (with_chunk(png, b"zTXt", b"k\0\0" + bomb), False),
        "itext-bomb.png": (with_chunk(png, b"iTXt", b"k\0\1\0\0\0" + bomb), False),
        "profile-bomb.png": (with_chunk(png, b"iCCP", b"k\0\0" + bomb), False),
        "many-texts.png": (png[:33] + chunk(b"zTXt", b"k\0\0" + bomb) * 20 + png[33:], False),
        "giant.png": (with_size(png, 2**31 - 1, 2**31 - 1), True),
        "large.png": (with_size(png, 60_000, 60_000), True),
        "nearly-allowed.png": (with_size(png, 10_900, 10_900), True),
        "no-area.png": (with_size(png, 0, 5), True),
        "pixel-bomb.png": (with_size(png, 60_000, 60_000)[:33] + pixels, True),
        "giant.jpg": (jpeg[: frame + 5] + b"\xff\xff\xff\xff" + jpeg[frame + 9 :], True),
        "giant.bmp": (whole["BMP"][:18] + struct.pack("<ii", 2**30, 2**30), True),
        "giant.ppm": (b"P6 999999 999999 255\n" + bytes(1000), True),
        "giant.gif": (whole["GIF"][:6] + b"\xff\xff\xff\xff" + whole["GIF"][10:], False),
        "endless.gif": (whole["GIF"][:-1] * 50, False),
        "jpeg.png": (jpeg, False),
        "webp.gif": (whole["WEBP"], False),
        "empty.jpg": (b"", True),
        "one-byte.jpg": (b"\xff", True),
        "header-only.jpg": (jpeg[:2], True),
        "header-only.png": (png[:33], True),
    }
    number = 0
    while len(contents) < 200:
        damage, hopeless = DAMAGES[number % len(DAMAGES)]
        kind = list(FORMATS)[number // len(DAMAGES) % len(FORMATS)]
        name = f"{number}-{damage.__name__}.{FORMATS[kind]}"
        contents[name] = (damage(rng, whole[kind]), kind in hopeless)
        number += 1
    for name, (content, _) in contents.items():
        (folder / name).write_bytes(content)
    return {str(folder / name): hopeless for name, (_, hopeless) in contents.items()}


def run(paths, store):
    done = subprocess.run(
        [sys.executable, "-c", RUN, store],
        input=json.dumps(paths),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
def test_malformed_files_are_used_or_listed_in_bounded_memory(files, photographs, tmp_path):
    good = [str(path) for path in photographs]
    run(good, tmp_path / "first")  # converts the network, which takes memory of its own
    normal = run(good, tmp_path / "normal")
    hostile = run(list(files), tmp_path / "store")
    skipped = dict(hostile["skipped"])
    used = {path for path, fine in zip(files, hostile["readable"], strict=True) if fine}
    assert used | set(skipped) == set(files)
    assert used.isdisjoint(skipped)
    assert [path for path, hopeless in files.items() if hopeless and path in used] == []
    assert all(reason and "\n" not in reason for reason in skipped.values())
    assert hostile["rows"] == len(used)
    assert hostile["finite"]
    assert hostile["megabytes"] < normal["megabytes"] + 200
    again = run(list(files), tmp_path / "store")
    assert again["readable"] == hostile["readable"]
    assert again["skipped"] == hostile["skipped"]
