"""What it takes to read features of files that the store knows: run by `features`, in processes."""

import hashlib
import os
from pathlib import Path
from typing import Any

import numpy as np

from ....features import FeatureStore, extract_features, import_vectors
from .fresh import answer, peak_mb, timed
from .photos import LONG_AGO

_NAME = "speed"
_DIMENSION = 1280
_BLOCK = 4096
_OPENINGS = 5


def fill(folder: str, count: int, dimension: int = _DIMENSION) -> dict[str, Any]:
    """Make a table of so many files, and a store with a vector for each of them."""
    paths = _paths(folder, count)
    made = Path(folder) / "F.npy"
    with made.with_suffix(".csv").open("w") as table:
        table.write("sha256\n")
        for number, path in enumerate(paths):
            content = number.to_bytes(8, "little")
            Path(path).write_bytes(content)
            os.utime(path, (LONG_AGO, LONG_AGO))
            table.write(f"{hashlib.sha256(content).hexdigest()}\n")
    vectors = np.lib.format.open_memmap(made, "w+", np.float32, (count, dimension))
    rng = np.random.default_rng(0)
    for start in range(0, count, _BLOCK):
        some = vectors[start : start + _BLOCK]
        some[:] = rng.random(some.shape, np.float32)
    del vectors
    import_vectors(made, _NAME, _store(folder))
    made.unlink()
    return {"images": count}


def read(folder: str, count: int) -> dict[str, Any]:
    """Find the files, look them up and copy their vectors; and open the store without reading."""
    before = peak_mb()
    found: list[Any] = []
    whole = timed(lambda: found.append(_extract(folder, count)))
    added = peak_mb() - before
    (extraction,) = found
    openings = [
        timed(lambda: FeatureStore(_store(folder), extraction.recipe))["seconds"]
        for _ in range(_OPENINGS)
    ]
    return {
        "images": len(extraction.X),
        **whole,
        "open_seconds": min(openings),
        "added_mb": added,
        "array_mb": extraction.X.nbytes / 1e6,
    }


def _extract(folder: str, count: int) -> Any:
    return extract_features(
        _paths(folder, count), backbone=f"imported:{_NAME}", store=_store(folder)
    )


def _paths(folder: str, count: int) -> list[str]:
    files = Path(folder) / "files"
    files.mkdir(exist_ok=True)
    return [f"{files}/{number:06d}.jpg" for number in range(count)]


def _store(folder: str) -> Path:
    return Path(folder) / "store"


if __name__ == "__main__":
    answer({"fill": fill, "read": read})
