"""Workloads of `features` and `store_memory`: fill a store, and read stored features."""

import hashlib
import os
from pathlib import Path
from typing import Any

import numpy as np

from ....features import FeatureStore, extract_features, import_vectors
from .inputs import OLD_MTIME
from .subprocesses import measure_time, peak_mb, serve_workload

_NAME = "speed"
_DIMENSION = 1280
_BLOCK = 4096
_N_OPENINGS = 5


def fill(folder: str, count: int, dimension: int = _DIMENSION) -> dict[str, Any]:
    """Write `count` files and a store with a vector for each."""
    paths = _paths(folder, count)
    array_file = Path(folder) / "F.npy"
    with array_file.with_suffix(".csv").open("w") as table:
        table.write("sha256\n")
        for number, path in enumerate(paths):
            content = number.to_bytes(8, "little")
            Path(path).write_bytes(content)
            os.utime(path, (OLD_MTIME, OLD_MTIME))
            table.write(f"{hashlib.sha256(content).hexdigest()}\n")
    vectors = np.lib.format.open_memmap(array_file, "w+", np.float32, (count, dimension))
    rng = np.random.default_rng(0)
    for start in range(0, count, _BLOCK):
        block = vectors[start : start + _BLOCK]
        block[:] = rng.random(block.shape, np.float32)
    del vectors
    import_vectors(array_file, _NAME, _store(folder))
    array_file.unlink()
    return {"images": count}


def read(folder: str, count: int) -> dict[str, Any]:
    """Look up the files and read their vectors; also time opening the store alone."""
    before = peak_mb()
    extractions: list[Any] = []
    whole = measure_time(lambda: extractions.append(_extract(folder, count)))
    added = peak_mb() - before
    (extraction,) = extractions
    openings = [
        measure_time(lambda: FeatureStore(_store(folder), extraction.recipe))["seconds"]
        for _ in range(_N_OPENINGS)
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
    serve_workload({"fill": fill, "read": read})
