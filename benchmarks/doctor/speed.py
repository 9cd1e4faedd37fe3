"""Speed of decoding, of the network and of the whole extraction, measured for a few seconds."""

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
_N_IMAGES = 768
_PHOTO = "china.jpg"  # included in scikit-learn, 640 x 427


class _TimeIsUp(Exception):  # noqa: N818  not an error
    """The time of a measurement is over."""


def measure_speed(seconds: float = _SECONDS) -> dict[str, Any]:
    """Measure decoding, the network, and the whole way from an image to its stored vector.

    Parameters
    ----------
    seconds : float
        Duration of each measurement.

    Returns
    -------
    dict
        ``image``: the test image; ``decoded_per_second`` by one processor; ``network_per_second``:
        images through the network, by precision, on all processors; ``images_per_second`` for the
        whole way; ``start_seconds`` until the first vector is stored.
    """
    with tempfile.TemporaryDirectory(prefix="catnocat-doctor-") as folder:
        photos = _write_photos(Path(folder, "photos"))
        small = _write_small_images(Path(folder, "small"))
        stores = (Path(folder, f"store{number}") for number in itertools.count())
        # The first run may convert the network, so only its start time is used.
        start, _ = _measure_extraction(small[:8], next(stores), "float32", seconds)
        networks = {
            precision: _measure_extraction(small, next(stores), precision, seconds)[1]
            for precision in ("float32", "bfloat16")
        }
        return {
            "image": "640 x 427 pixels, JPEG",
            "decoded_per_second": _measure_decoding(photos, seconds / 2),
            "network_per_second": networks,
            "images_per_second": _measure_extraction(photos, next(stores), "float32", seconds)[1],
            "start_seconds": start,
        }


def _measure_extraction(
    paths: list[Path], store: Path, precision: str, seconds: float
) -> tuple[float, float]:
    """Return the seconds to the first vectors, and the images per second after them."""
    from ...features import extract_features

    start = time.perf_counter()
    points: list[tuple[float, int]] = []

    def progress(done: int, total: int) -> None:
        if done:
            points.append((time.perf_counter(), done))
            if points[-1][0] - points[0][0] > seconds:
                raise _TimeIsUp

    with suppress(_TimeIsUp):
        extract_features(paths, store=store, precision=precision, progress=progress)
    (first, done_first), (last, done) = points[0], points[-1]
    if done == done_first:  # all images in one batch
        return first - start, done / (first - start)
    return first - start, (done - done_first) / (last - first)


def _measure_decoding(paths: list[Path], seconds: float) -> float:
    from ...features import read_image

    start, count, elapsed = time.perf_counter(), 0, 0.0
    while elapsed < seconds:
        read_image(paths[count % len(paths)])
        count, elapsed = count + 1, time.perf_counter() - start
    return count / elapsed


def _write_photos(folder: Path) -> list[Path]:
    """Write one photograph many times; a JPEG comment makes each file different."""
    import sklearn.datasets

    content = io.BytesIO()
    with Image.open(Path(sklearn.datasets.__file__).parent / "images" / _PHOTO) as photo:
        photo.save(content, "JPEG", quality=85)
    start, rest = content.getvalue()[:2], content.getvalue()[2:]
    comments = (b"\xff\xfe\x00\x06" + number.to_bytes(4) for number in range(_N_IMAGES))
    return _write(folder, "jpg", (start + comment + rest for comment in comments))


def _write_small_images(folder: Path) -> list[Path]:
    """Write images of the network's input size that take almost no time to decode."""
    header, row = b"P4\n224 224\n", 224 // 8
    return _write(
        folder, "pbm", (header + number.to_bytes(4) * (56 * row) for number in range(_N_IMAGES))
    )


def _write(folder: Path, extension: str, contents: Iterator[bytes]) -> list[Path]:
    folder.mkdir()
    paths = []
    for number, content in enumerate(contents):
        paths.append(folder / f"{number}.{extension}")
        paths[-1].write_bytes(content)
    return paths
