"""Recall of the search for versions of images, by change and signal, and false pairs.

python -m catnocat.benchmarks.experiments.duplicates labels.csv
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from ...features import extract_features, read_image
from ..data import load_dataset
from ..data.inspection import find_versions
from ..data.tables import LabelTable

Change = Callable[[Image.Image, np.random.Generator], Image.Image]


def _crop(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    width, height = (max(1, round(0.8 * length)) for length in image.size)
    x = int(rng.integers(0, image.width - width + 1))
    y = int(rng.integers(0, image.height - height + 1))
    return image.crop((x, y, x + width, y + height))


def _rotate(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    return image.rotate(float(rng.choice([-15, 15])), resample=Image.Resampling.BICUBIC)


def _brighten(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    return ImageEnhance.Brightness(image).enhance(float(rng.choice([0.6, 1.4])))


def _mirror_crop_rotate(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    image = ImageOps.mirror(image) if rng.random() < 0.5 else image
    return _brighten(_rotate(_crop(image, rng), rng), rng)


CHANGES: dict[str, Change] = {
    "mirrored": lambda image, rng: ImageOps.mirror(image),
    "cropped to 80 %": _crop,
    "rotated by 15 degrees": _rotate,
    "brightness x 0.6 or 1.4": _brighten,
    "blurred (2 pixels)": lambda image, rng: image.filter(ImageFilter.GaussianBlur(2)),
    "JPEG quality 40": lambda image, rng: image,
    "all of mirror, crop, rotation, brightness": _mirror_crop_rotate,
}


def measure(
    dataset: str | Path, *, changed: int = 400, store: str | Path | None = None, seed: int = 0
) -> list[dict[str, object]]:
    """Add versions of some images to a data set, one kind of change at a time, and find them.

    Parameters
    ----------
    dataset : str or Path
    changed : int
        Number of images that get a version.
    store : path, optional
        Of the features of the unchanged images.
    seed : int

    Returns
    -------
    list of dict
        "change", "versions", "found", "signals", "other_pairs", "images" and "seconds".
    """
    table = load_dataset(dataset)
    known = extract_features(table.paths, store=store)
    table = replace(table.take(known.readable), split=None)
    rng = np.random.default_rng(seed)
    rows = rng.permutation(table.n_images)[:changed]
    entries = [_entry("none", table, known.X, rows[:0])]
    for name, change in CHANGES.items():
        with tempfile.TemporaryDirectory() as folder:
            paths = [str(Path(folder) / f"{rng.integers(2**62):x}.jpg") for _ in rows]
            for row, path in zip(rows.tolist(), paths, strict=True):
                image = change(read_image(table.paths[row]), rng)
                image.save(path, quality=40 if name.startswith("JPEG") else 92)
            added = extract_features(paths, store=Path(folder) / "store").X
            order = np.concatenate([np.arange(table.n_images), rows])
            whole = replace(
                table.take(order),
                paths=(*table.paths, *paths),
                images=(*table.images, *(Path(path).name for path in paths)),
            )
            entries.append(_entry(name, whole, np.concatenate([known.X, added]), rows))
    return entries


def _entry(
    name: str, table: LabelTable, X: NDArray[np.float32], rows: NDArray[np.int64]
) -> dict[str, object]:
    started = time.perf_counter()
    versions = find_versions(table, X)
    seconds = time.perf_counter() - started
    first = table.n_images - len(rows)
    true = {(int(row), first + position) for position, row in enumerate(rows.tolist())}
    found = sum(versions.roots[a] == versions.roots[b] for a, b in true)
    right = [link.signal for link in versions.links if (link.first, link.second) in true]
    return {
        "change": name,
        "versions": len(true),
        "found": int(found),
        "signals": {signal: right.count(signal) for signal in sorted(set(right))},
        "other_pairs": len(versions.links) - len(right),
        "images": table.n_images,
        "seconds": round(seconds, 1),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures as a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset")
    parser.add_argument("--changed", type=int, default=400)
    parser.add_argument("--store", default=None)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    print("| change | versions | found | by | other pairs linked | images | seconds |")
    print("|---|---|---|---|---|---|---|")
    for entry in measure(
        options.dataset, changed=options.changed, store=options.store, seed=options.seed
    ):
        print("| " + " | ".join(str(value) for value in entry.values()) + " |", flush=True)


if __name__ == "__main__":
    main()
