"""Features and pictures of a small table, and files of detections about them."""

import json

import numpy as np
import pytest

LABELS = ("cat", "dog", "traffic light")


@pytest.fixture
def found(tmp_path):
    """Give a function that writes detections: (picture, category, score) each."""

    def write(entries, name="found.json", about=None):
        file = tmp_path / name
        keys = ("image_id", "category_id", "score")
        content = [
            dict(zip(keys, entry, strict=True)) | {"bbox": [0, 0, 1, 1]} for entry in entries
        ]
        file.write_text(json.dumps(content))
        if about is not None:
            file.with_suffix(".about.json").write_text(json.dumps(about))
        return file

    return write


@pytest.fixture
def ready(tmp_path, rng):
    """Write ready features of 80 pictures called 0.jpg, 1.jpg, ..., the last 40 judged."""
    X = rng.normal(size=(80, 6))
    Y = (X[:, :3] + rng.normal(size=(80, 3)) > 0.3).astype(int)
    images = [f"photos/{i}.jpg" for i in range(80)]
    path = tmp_path / "ready.npz"
    split = ["train"] * 40 + ["test"] * 40
    np.savez(path, X=X, Y=Y, labels=LABELS, images=images, split=split)
    return path, Y


@pytest.fixture
def perfect(ready):
    """Give what a detector would find that is always right."""
    _, Y = ready
    return [(i, LABELS[j], 0.9) for i, j in np.argwhere(Y).tolist()]
