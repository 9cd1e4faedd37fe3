"""Ways from photographs to vectors, each measured by itself: run by `features`, one per process.

The others' ways are written as their documentation writes them. Making a network is not counted for
them; opening ours is, and so is storing the vectors.
"""

import json
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ....features import View, extract_features, find_backbone, open_engine, read_image
from .fresh import Unavailable, answer, timed

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
_WARM = 16


class Opened:
    """A torch dataset of the obvious kind."""

    def __init__(self, paths: list[str], transform: Any) -> None:
        self.paths, self.transform = paths, transform

    def __len__(self) -> int:
        """Give the number of photographs."""
        return len(self.paths)

    def __getitem__(self, number: int) -> Any:
        """Give a photograph as a tensor."""
        return self.transform(Image.open(self.paths[number]).convert("RGB"))


def obvious(paths: list[str]) -> dict[str, Any]:
    """Go through a DataLoader with two workers, Pillow, timm's transform and torch."""
    import torch
    from torch.utils.data import DataLoader

    network, transform = _timm()

    def work() -> None:
        photographs: Any = Opened(paths, transform)
        loader: Any = DataLoader(photographs, batch_size=_BATCH, num_workers=2)
        with torch.inference_mode():
            np.concatenate([network(batch).numpy() for batch in loader])

    return {"images": len(paths), **timed(work)}


def timm_documented(paths: list[str]) -> dict[str, Any]:
    """Show one photograph after the other, as timm's page on feature extraction does."""
    import torch

    network, transform = _timm()

    def work() -> None:
        with torch.inference_mode():
            for path in paths:
                network(transform(Image.open(path).convert("RGB")).unsqueeze(0)).numpy()

    return {"images": len(paths), **timed(work)}


def embetter_documented(paths: list[str]) -> dict[str, Any]:
    """Go through embetter's pipeline of an ImageLoader and a TimmEncoder."""
    try:
        from embetter.vision import ImageLoader, TimmEncoder
    except ImportError:
        raise Unavailable("not installed: pip install 'catnocat[peers]'") from None
    from safetensors.torch import save_file
    from sklearn.pipeline import make_pipeline

    with tempfile.TemporaryDirectory() as folder:
        # It insists on downloading weights, but takes a name that stands for a local folder.
        network = _timm(classes=1000)[0]
        save_file(network.state_dict(), Path(folder) / "model.safetensors")
        about = {"architecture": _TIMM_NAME, "num_classes": 1000, "pretrained_cfg": _CONFIG}
        (Path(folder) / "config.json").write_text(json.dumps(about))
        pipeline = make_pipeline(ImageLoader(), TimmEncoder(name=f"local-dir:{folder}"))
        return {"images": len(paths), **timed(lambda: pipeline.fit_transform(paths))}


def ours(paths: list[str], engine: str, precision: str) -> dict[str, Any]:
    """Extract into an empty store; a network is converted before, once for all runs to come."""
    options: Any = {"engine": engine, "precision": precision}
    with tempfile.TemporaryDirectory() as folder:
        first = timed(lambda: extract_features(paths[:_WARM], store=f"{folder}/first", **options))
        whole = timed(lambda: extract_features(paths, store=f"{folder}/whole", **options))
    return {"images": len(paths), **whole, "first_seconds": first["seconds"]}


def decoding(paths: list[str]) -> dict[str, Any]:
    """Decode and resize with our decoder on all processors, in processes that share nothing."""
    from joblib import Parallel, cpu_count, delayed

    processors = cpu_count()
    with Parallel(n_jobs=processors) as parallel:
        parts = [paths[start::processors] for start in range(processors)]
        parallel(delayed(_decode)(part[:_WARM]) for part in parts)
        measured = timed(lambda: parallel(delayed(_decode)(part) for part in parts))
    del measured["cpu_seconds"]  # of processes that go on
    return {"images": len(paths), **measured}


def network_only(paths: list[str], engine: str, precision: str) -> dict[str, Any]:
    """Run the network on photographs that are ready in memory, on all processors."""
    from joblib import cpu_count

    processors = cpu_count()
    ready = np.stack([_shown(path) for path in paths[:512]])
    with open_engine(engine, find_backbone(), precision, processors, None) as opened:
        network = opened.network(View())
        starts = [start % len(ready) for start in range(0, len(paths), opened.batch_size)]

        def run(start: int) -> None:
            network(ready[start : start + opened.batch_size])

        with ThreadPoolExecutor(processors) as pool:
            list(pool.map(run, starts[:_WARM]))
            measured = timed(lambda: list(pool.map(run, starts)))
    return {"images": len(paths), **measured}


def _decode(paths: list[str]) -> None:
    for path in paths:
        _shown(path)


def _shown(path: str) -> np.ndarray:
    return np.asarray(read_image(path).resize((224, 224), Image.Resampling.BICUBIC))


def _timm(classes: int = 0) -> tuple[Any, Any]:
    """Give timm's network with the bundled weights, and timm's transform for it."""
    import timm
    from timm.data.config import resolve_model_data_config
    from timm.data.transforms_factory import create_transform

    network = timm.create_model(_TIMM_NAME, num_classes=classes)
    ours: Any = find_backbone().build()
    network.load_state_dict(ours.network.state_dict(), strict=classes > 0)
    config = resolve_model_data_config(network)  # type: ignore[no-untyped-call]
    return network.eval(), create_transform(**config)


if __name__ == "__main__":
    ways = (obvious, timm_documented, embetter_documented, ours, decoding, network_only)
    answer({way.__name__: way for way in ways})
