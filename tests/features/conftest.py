"""Images for the tests: drawn here, or cut from scikit-learn's two photographs."""

import io
from pathlib import Path

import numpy as np
import pytest
import sklearn.datasets
from PIL import Image

from catnocat.features import Preprocessing, Recipe, View

PREPROCESSING = Preprocessing(224, "bicubic", (0.5, 0.5, 0.5), (0.5, 0.5, 0.5), 0.875)


@pytest.fixture(scope="session")
def photograph():
    folder = Path(sklearn.datasets.__file__).parent / "images"
    return Image.open(folder / "china.jpg").convert("RGB")


@pytest.fixture(scope="session")
def photographs(photograph, tmp_path_factory):
    """Return the paths of 21 different photographs: several batches, the last one not full."""
    folder = tmp_path_factory.mktemp("photographs")
    rng = np.random.default_rng(0)
    paths = []
    for number in range(21):
        left, top = rng.integers(0, 300), rng.integers(0, 200)
        width, height = rng.integers(60, 300), rng.integers(60, 200)
        path = folder / f"{number}.jpg"
        photograph.crop((left, top, left + width, top + height)).save(path)
        paths.append(path)
    return paths


@pytest.fixture
def make_recipe():
    def make(**changes):
        values = {
            "backbone": "timm:test",
            "weights": "0" * 64,
            "channels": 4,
            "preprocessing": PREPROCESSING,
            "views": (View(),),
            "engine": "torch",
            "precision": "float32",
            "decoder": "pillow",
        }
        return Recipe(**{**values, **changes})

    return make


@pytest.fixture(scope="session")
def readable(photograph, tmp_path_factory):
    """Return the paths of unusual images that can be read, by name."""
    folder = tmp_path_factory.mktemp("readable")
    small = photograph.resize((64, 48))
    deep = (np.asarray(small.convert("L")).astype(np.uint16) * 257).astype(np.uint16)
    see_through = small.convert("RGBA")
    see_through.putalpha(Image.linear_gradient("L").resize(small.size))
    palette = small.quantize(16)
    palette.info["transparency"] = bytes([0] + [255] * 15)
    turned = Image.Exif()
    turned[0x0112] = 6

    def save(name, image, **options):
        image.save(folder / name, **options)

    save("cmyk.jpg", small.convert("CMYK"))
    save("deep.png", Image.fromarray(deep))
    save("deep.tif", Image.fromarray(deep))
    save("float.tif", small.convert("F"))
    save("see-through.png", see_through)
    save("see-through.webp", see_through)
    save("grey-alpha.png", see_through.convert("LA"))
    save("palette-alpha.png", palette, transparency=palette.info["transparency"])
    save("bits.png", small.convert("1"))
    save(
        "animated.gif",
        small.quantize(32),
        save_all=True,
        append_images=[small.rotate(180).quantize(32)],
    )
    save("turned.jpg", small, exif=turned)
    save("one-pixel.png", Image.new("RGB", (1, 1), "red"))
    save("thin.png", Image.new("RGB", (1, 2000), "red"))
    save("upper.JPG", small)
    save("wrong-name.jpg", small, format="PNG")
    return {path.name: path for path in sorted(folder.iterdir())}


@pytest.fixture(scope="session")
def broken(photograph, tmp_path_factory):
    """Return unreadable files: path -> a word of the reason."""
    folder = tmp_path_factory.mktemp("broken")
    whole = io.BytesIO()
    photograph.save(whole, "JPEG")
    png = io.BytesIO()
    photograph.resize((64, 48)).save(png, "PNG")
    flipped = bytearray(png.getvalue())
    flipped[len(flipped) // 2] ^= 255
    bomb = b"P6 40000 40000 255\n" + bytes(100)
    files = {
        "truncated.jpg": (whole.getvalue()[:5000], "truncated"),
        "truncated.png": (png.getvalue()[:500], "broken"),
        "flipped.png": (bytes(flipped), "broken"),
        "text.jpg": (b"this is no image\n" * 10, "not an image"),
        "script.jpg": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not an image"),
        "empty.jpg": (b"", "empty"),
        "bomb.ppm": (bomb, "pixels"),
    }
    for name, (content, _) in files.items():
        (folder / name).write_bytes(content)
    (folder / "folder.jpg").mkdir()
    reasons = {name: reason for name, (_, reason) in files.items()}
    reasons |= {"folder.jpg": "not a file", "missing.jpg": "no such file"}
    return {folder / name: reason for name, reason in reasons.items()}
