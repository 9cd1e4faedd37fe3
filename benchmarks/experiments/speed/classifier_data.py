"""Features and labels to be fast with: real ones repeated to size, and drawn ones of any size."""

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...data import load_dataset, vectors_of

JITTER = 0.05  # of a feature's spread: repeated images must not be the same


def real_features(n_images: int) -> tuple[str, NDArray[np.float32], NDArray[np.uint8]]:
    """Give standardised features of photographs, repeated to size, and their labels.

    Of ``coco18`` below the folder that CATNOCAT_DATA names, else of the drawn scenes.

    Returns
    -------
    name : str
    X : ndarray of shape (n_images, n_features)
    Y : ndarray of shape (n_images, n_labels)
    """
    data = Path(os.environ.get("CATNOCAT_DATA", ""), "coco18", "labels.csv")
    vectors = vectors_of(load_dataset(data if data.exists() else "menagerie"), progress=True)
    rows = np.arange(n_images) % len(vectors.X)
    X = vectors.X - vectors.X.mean(axis=0)
    X /= np.maximum(X.std(axis=0), 1e-6)
    noise = np.random.default_rng(0).standard_normal((n_images, X.shape[1]), dtype=np.float32)
    repeated = (np.arange(n_images) >= len(X))[:, None]
    wanted = X[rows] + np.float32(JITTER) * noise * repeated
    return vectors.table.name, wanted.astype(np.float32), vectors.table.Y[rows]


def drawn_features(
    n_images: int, n_features: int, n_labels: int, out: Any = None
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Draw features of a spectrum as a network's, and labels of a prevalence from 1 to 30 %.

    Parameters
    ----------
    n_images, n_features, n_labels : int
    out : ndarray of shape (n_images, n_features), default=None
        Written block by block where given.
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
    bars = np.array([np.quantile(scores[:, j], 1 - share) for j, share in enumerate(shares)])
    return X, (scores > bars).astype(np.uint8)
