"""Pictures of mixed sizes and formats, and what is none, for a load test."""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

_SIDES = (64, 200, 320, 640, 640, 1280, 2000)
_FORMATS = ("JPEG", "JPEG", "JPEG", "PNG", "WEBP")


def mixed_pictures(paths: Sequence[Path], count: int, seed: int = 0) -> list[bytes]:
    """Give photographs as files of many sizes; no two are the same.

    Parameters
    ----------
    paths : sequence of Path
        Photographs to start from; those that come with scikit-learn if there are none.
    count : int
    seed : int

    Examples
    --------
    >>> pictures = mixed_pictures([], 3)
    >>> len(pictures), len(set(pictures))
    (3, 3)
    """
    rng = np.random.default_rng(seed)
    sources = list(paths) or _two_photographs()
    return [_variant(sources[place % len(sources)], rng) for place in range(count)]


def garbage(whole: bytes) -> list[bytes]:
    """Give what is sent by mistake or by malice: nothing of it is a picture."""
    endless = b"P6 60000 60000 255\n" + bytes(100)
    return [
        b"",
        b"hello",
        bytes(range(256)) * 40,
        b"%PDF-1.7\n" + bytes(1000),
        whole[: len(whole) // 2],
        whole[:20],
        endless,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        bytes(25_000_000),
    ]


def _variant(path: Path, rng: np.random.Generator) -> bytes:
    with Image.open(path) as opened:
        image = opened.convert("RGB")
    side = int(rng.choice(_SIDES)) + int(rng.integers(0, 40))
    scale = side / max(image.size)
    width, height = (max(1, round(length * scale)) for length in image.size)
    kind = str(rng.choice(_FORMATS))
    image = image.resize((width, height)).rotate(int(rng.integers(0, 8)))
    content = io.BytesIO()
    image.save(content, kind, **({} if kind == "PNG" else {"quality": int(rng.integers(60, 95))}))
    return content.getvalue()


def _two_photographs() -> list[Path]:
    import sklearn.datasets

    folder = Path(sklearn.datasets.__file__).parent / "images"
    return [folder / "china.jpg", folder / "flower.jpg"]
