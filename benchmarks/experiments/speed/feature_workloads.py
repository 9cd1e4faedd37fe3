"""Workloads of `features` and `store_memory`, each in its own process.

Other libraries are used as in their documentation. Their times exclude building the network; ours
include opening the engine and storing the vectors.
"""

import hashlib
import json
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ....features import (
    FeatureStore,
    View,
    extract_features,
    find_backbone,
    import_vectors,
    open_engine,
    read_image,
)
from ..command import Unavailable, measure_time, peak_mb, serve_workload
from .inputs import OLD_MTIME

_TIMM_NAME = "tf_efficientnet_lite0"
_CONFIG = {
    "num_classes": 1000,
    "input_size": [3, 224, 224],
    "interpolation": "bicubic",
    "crop_pct": 0.875,
    "mean": [0.5, 0.5, 0.5],
    "std": [0.5, 0.5, 0.5],
    "first_conv": "conv_stem",
    "classifier": "classifier",
}
_BATCH = 32
_N_WARMUP = 16


class PhotographDataset:
    """Plain torch dataset."""

    def __init__(self, paths: list[str], transform: Any) -> None:
        self.paths, self.transform = paths, transform

    def __len__(self) -> int:
        """Return the number of photographs."""
        return len(self.paths)

    def __getitem__(self, number: int) -> Any:
        """Return a photograph as a tensor."""
        return self.transform(Image.open(self.paths[number]).convert("RGB"))


def plain_loop(paths: list[str]) -> dict[str, Any]:
    """Use a DataLoader with two workers, Pillow, the transform of timm and torch."""
    import torch
    from torch.utils.data import DataLoader

    network, transform = _timm()

    def work() -> None:
        photographs: Any = PhotographDataset(paths, transform)
        loader: Any = DataLoader(photographs, batch_size=_BATCH, num_workers=2)
        with torch.inference_mode():
            np.concatenate([network(batch).numpy() for batch in loader])

    return {"images": len(paths), **measure_time(work)}


def timm_documented(paths: list[str]) -> dict[str, Any]:
    """Process one photograph at a time, as in timm's documentation of feature extraction."""
    import torch

    network, transform = _timm()

    def work() -> None:
        with torch.inference_mode():
            for path in paths:
                network(transform(Image.open(path).convert("RGB")).unsqueeze(0)).numpy()

    return {"images": len(paths), **measure_time(work)}


def embetter_documented(paths: list[str]) -> dict[str, Any]:
    """Use embetter's pipeline of an ImageLoader and a TimmEncoder."""
    try:
        from embetter.vision import ImageLoader, TimmEncoder
    except ImportError:
        raise Unavailable("not installed: pip install 'catnocat[peers]'") from None
    from safetensors.torch import save_file
    from sklearn.pipeline import make_pipeline

    with tempfile.TemporaryDirectory() as folder:
        # TimmEncoder always loads pretrained weights; a local-dir name avoids the download.
        network = _timm(classes=1000)[0]
        save_file(network.state_dict(), Path(folder) / "model.safetensors")
        config = {"architecture": _TIMM_NAME, "num_classes": 1000, "pretrained_cfg": _CONFIG}
        (Path(folder) / "config.json").write_text(json.dumps(config))
        pipeline = make_pipeline(ImageLoader(), TimmEncoder(name=f"local-dir:{folder}"))
        return {"images": len(paths), **measure_time(lambda: pipeline.fit_transform(paths))}


def ours(paths: list[str], engine: str, precision: str) -> dict[str, Any]:
    """Extract into an empty store, after the network was converted (which happens once)."""
    options: Any = {"engine": engine, "precision": precision}
    with tempfile.TemporaryDirectory() as folder:
        first = measure_time(
            lambda: extract_features(paths[:_N_WARMUP], store=f"{folder}/first", **options)
        )
        whole = measure_time(lambda: extract_features(paths, store=f"{folder}/whole", **options))
    return {"images": len(paths), **whole, "first_seconds": first["seconds"]}


def decoding(paths: list[str]) -> dict[str, Any]:
    """Decode and resize with our decoder, in one process per processor."""
    from joblib import Parallel, cpu_count, delayed

    processors = cpu_count()
    with Parallel(n_jobs=processors) as parallel:
        parts = [paths[start::processors] for start in range(processors)]
        parallel(delayed(_decode)(part[:_N_WARMUP]) for part in parts)
        measured = measure_time(lambda: parallel(delayed(_decode)(part) for part in parts))
    del measured["cpu_seconds"]  # the worker processes have not ended
    return {"images": len(paths), **measured}


def network_only(paths: list[str], engine: str, precision: str) -> dict[str, Any]:
    """Run the network on decoded photographs in memory, on all processors."""
    from joblib import cpu_count

    processors = cpu_count()
    images = np.stack([_load_resized(path) for path in paths[:512]])
    with open_engine(engine, find_backbone(), precision, processors, None) as opened:
        network = opened.network(View())
        starts = [start % len(images) for start in range(0, len(paths), opened.batch_size)]

        def run(start: int) -> None:
            network(images[start : start + opened.batch_size])

        with ThreadPoolExecutor(processors) as pool:
            list(pool.map(run, starts[:_N_WARMUP]))
            measured = measure_time(lambda: list(pool.map(run, starts)))
    return {"images": len(paths), **measured}


def _decode(paths: list[str]) -> None:
    for path in paths:
        _load_resized(path)


def _load_resized(path: str) -> np.ndarray:
    return np.asarray(read_image(path).resize((224, 224), Image.Resampling.BICUBIC))


def _timm(classes: int = 0) -> tuple[Any, Any]:
    """Return timm's network with the bundled weights, and its transform."""
    import timm
    from timm.data.config import resolve_model_data_config
    from timm.data.transforms_factory import create_transform

    network = timm.create_model(_TIMM_NAME, num_classes=classes)
    ours: Any = find_backbone().build()
    network.load_state_dict(ours.network.state_dict(), strict=classes > 0)
    config = resolve_model_data_config(network)  # type: ignore[no-untyped-call]
    return network.eval(), create_transform(**config)


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
    workloads: tuple[Any, ...] = (
        *(plain_loop, timm_documented, embetter_documented, ours, decoding, network_only),
        *(fill, read),
    )
    serve_workload({workload.__name__: workload for workload in workloads})
