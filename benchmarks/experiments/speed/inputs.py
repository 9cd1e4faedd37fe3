"""Input data of the speed measurements: photographs, and feature matrices with labels."""

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ...data import load_dataset, load_vectors

_N_CROPS = 200
OLD_MTIME = 1e9
"""Modification time of written files. Digests of recently changed files are not remembered."""
_NOISE = 0.05  # added to repeated images, relative to the standard deviation of a feature


def find_photos(table: str | None, folder: Path) -> tuple[str, list[str]]:
    """Return the name of a set of photographs, and their paths.

    Parameters
    ----------
    table : str or None
        A data set as for ``catnocat bench``. None: ``coco18`` in the folder given by the
        environment variable ``CATNOCAT_DATA``, or else crops of scikit-learn's two photographs.
    folder : pathlib.Path
        Output folder for the crops.
    """
    data = os.environ.get("CATNOCAT_DATA")
    if table is None and data and (Path(data) / "coco18" / "labels.csv").exists():
        table = str(Path(data) / "coco18" / "labels.csv")
    if table is None:
        return "crops of scikit-learn's photographs", _write_crops(folder)
    dataset = load_dataset(table)
    return dataset.name, [str(path) for path in dataset.paths]


def _write_crops(folder: Path) -> list[str]:
    """Write crops of about the size of COCO images."""
    import sklearn.datasets

    images = Path(sklearn.datasets.__file__).parent / "images"
    photographs = [Image.open(images / name).convert("RGB") for name in ("china.jpg", "flower.jpg")]
    paths = []
    for number in range(_N_CROPS):
        photograph = photographs[number % 2]
        left, top = 37 * number % (photograph.width - 320), 23 * number % (photograph.height - 240)
        path = folder / f"crop{number:03d}.jpg"
        photograph.crop((left, top, left + 320, top + 240)).save(path, quality=85)
        paths.append(str(path))
    return paths


def distinct_copies(paths: list[str], count: int, folder: Path) -> list[str]:
    """Return the paths of `count` different files: the photographs, then copies of them.

    A copy has its number appended after the end of the image. Decoders ignore it, but the content
    of the file differs.
    """
    files = list(paths[:count])
    for number in range(len(files), count):
        source = Path(paths[number % len(paths)])
        path = folder / f"{number:07d}{source.suffix}"
        if not path.exists():
            path.write_bytes(source.read_bytes() + number.to_bytes(8, "little"))
            os.utime(path, (OLD_MTIME, OLD_MTIME))
        files.append(str(path))
    return files


def real_features(n_images: int) -> tuple[str, NDArray[np.float32], NDArray[np.uint8]]:
    """Return standardised features of images, repeated to `n_images` rows, and their labels.

    The images are those of ``coco18`` in the folder CATNOCAT_DATA, or else the drawn scenes.

    Returns
    -------
    name : str
    X : ndarray of shape (n_images, n_features)
    Y : ndarray of shape (n_images, n_labels)
    """
    data = Path(os.environ.get("CATNOCAT_DATA", ""), "coco18", "labels.csv")
    vectors = load_vectors(load_dataset(data if data.exists() else "menagerie"), progress=True)
    rows = np.arange(n_images) % len(vectors.X)
    X = vectors.X - vectors.X.mean(axis=0)
    X /= np.maximum(X.std(axis=0), 1e-6)
    noise = np.random.default_rng(0).standard_normal((n_images, X.shape[1]), dtype=np.float32)
    repeated = (np.arange(n_images) >= len(X))[:, None]
    features = X[rows] + np.float32(_NOISE) * noise * repeated
    return vectors.table.name, features.astype(np.float32), vectors.table.Y[rows]


def random_features(
    n_images: int, n_features: int, n_labels: int, out: Any = None
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Return random features with a spectrum like a network's, and labels of 1 to 30 % prevalence.

    Parameters
    ----------
    n_images, n_features, n_labels : int
    out : ndarray of shape (n_images, n_features), default=None
        Output array, written block by block.
    """
    rng = np.random.default_rng(0)
    n_hidden = min(100, n_features)
    spread = np.arange(1, n_hidden + 1, dtype=np.float32) ** -0.5
    mix = rng.standard_normal((n_hidden, n_features), dtype=np.float32) * spread[:, None]
    directions = rng.standard_normal((n_hidden, n_labels), dtype=np.float32) * spread[:, None]
    X = np.empty((n_images, n_features), dtype=np.float32) if out is None else out
    scores = np.empty((n_images, n_labels), dtype=np.float32)
    for start in range(0, n_images, 4096):
        rows = slice(start, min(start + 4096, n_images))
        size = rows.stop - start
        hidden = rng.standard_normal((size, n_hidden), dtype=np.float32)
        X[rows] = hidden @ mix + rng.standard_normal((size, n_features), dtype=np.float32)
        scores[rows] = hidden @ directions
        scores[rows] += rng.standard_normal((size, n_labels), dtype=np.float32)
    shares = np.geomspace(0.01, 0.3, n_labels)
    thresholds = np.array([np.quantile(scores[:, j], 1 - share) for j, share in enumerate(shares)])
    return X, (scores > thresholds).astype(np.uint8)
