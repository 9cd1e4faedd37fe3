"""How fast this machine turns pictures into vectors: measured for a few seconds, as in real use."""

import io
import itertools
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from PIL import Image

_SECONDS = 1.0
_PICTURES = 768
_PHOTO = "china.jpg"  # comes with scikit-learn, 640 x 427


class _Enough(Exception):  # noqa: N818  nothing has gone wrong
    """The time for measuring is over."""


def measure_speed(seconds: float = _SECONDS) -> dict[str, Any]:
    """Measure decoding, the network, and the whole way from a photograph to its stored vector.

    Parameters
    ----------
    seconds : float
        For each of the measurements.

    Returns
    -------
    dict
        ``photo``; ``decoded_per_second`` by one processor; ``network_per_second``: pictures that
        pass the network, by precision, all processors together; ``photos_per_second`` for the whole
        way; ``start_seconds`` until the first vector is there.
    """
    with tempfile.TemporaryDirectory(prefix="catnocat-doctor-") as folder:
        photos = _write_photos(Path(folder, "photos"))
        tiny = _write_tiny(Path(folder, "tiny"))
        stores = (Path(folder, f"store{number}") for number in itertools.count())
        # The first run of all converts the network if need be, and is not counted.
        start, _ = _run(tiny[:8], next(stores), "float32", seconds)
        networks = {
            precision: _run(tiny, next(stores), precision, seconds)[1]
            for precision in ("float32", "bfloat16")
        }
        return {
            "photo": "640 x 427 pixels, JPEG",
            "decoded_per_second": _decoded(photos, seconds / 2),
            "network_per_second": networks,
            "photos_per_second": _run(photos, next(stores), "float32", seconds)[1],
            "start_seconds": start,
        }


def _run(paths: list[Path], store: Path, precision: str, seconds: float) -> tuple[float, float]:
    """Give the seconds to the first vectors, and from there on the pictures per second."""
    from ...features import extract_features

    began = time.perf_counter()
    points: list[tuple[float, int]] = []

    def progress(done: int, total: int) -> None:
        if done:
            points.append((time.perf_counter(), done))
            if points[-1][0] - points[0][0] > seconds:
                raise _Enough

    with suppress(_Enough):
        extract_features(paths, store=store, precision=precision, progress=progress)
    (first, before), (last, done) = points[0], points[-1]
    if done == before:  # all in one batch
        return first - began, done / (first - began)
    return first - began, (done - before) / (last - first)


def _decoded(paths: list[Path], seconds: float) -> float:
    from ...features import read_image

    began, count, passed = time.perf_counter(), 0, 0.0
    while passed < seconds:
        read_image(paths[count % len(paths)])
        count, passed = count + 1, time.perf_counter() - began
    return count / passed


def _write_photos(folder: Path) -> list[Path]:
    """Write one photograph many times; a comment makes each a picture of its own."""
    import sklearn.datasets

    content = io.BytesIO()
    with Image.open(Path(sklearn.datasets.__file__).parent / "images" / _PHOTO) as photo:
        photo.save(content, "JPEG", quality=85)
    start, rest = content.getvalue()[:2], content.getvalue()[2:]
    comments = (b"\xff\xfe\x00\x06" + number.to_bytes(4) for number in range(_PICTURES))
    return _write(folder, "jpg", (start + comment + rest for comment in comments))


def _write_tiny(folder: Path) -> list[Path]:
    """Write pictures of the network's own size that cost next to nothing to decode."""
    head, row = b"P4\n224 224\n", 224 // 8
    return _write(
        folder, "pbm", (head + number.to_bytes(4) * (56 * row) for number in range(_PICTURES))
    )


def _write(folder: Path, kind: str, contents: Iterator[bytes]) -> list[Path]:
    folder.mkdir()
    paths = []
    for number, content in enumerate(contents):
        paths.append(folder / f"{number}.{kind}")
        paths[-1].write_bytes(content)
    return paths
