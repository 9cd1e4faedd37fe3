"""A small table of feature vectors and files of detections for it."""

import json

import numpy as np
import pytest

LABELS = ("cat", "dog", "traffic light")


@pytest.fixture
def write_detections(tmp_path):
    """Return a function that writes detections, each (image, category, score)."""

    def write(entries, name="found.json", metadata=None):
        file = tmp_path / name
        keys = ("image_id", "category_id", "score")
        content = [
            dict(zip(keys, entry, strict=True)) | {"bbox": [0, 0, 1, 1]} for entry in entries
        ]
        file.write_text(json.dumps(content))
        if metadata is not None:
            file.with_suffix(".about.json").write_text(json.dumps(metadata))
        return file

    return write


@pytest.fixture
def feature_table(tmp_path, rng):
    """Write feature vectors of 80 images named 0.jpg, 1.jpg, ...; the last 40 are test images."""
    X = rng.normal(size=(80, 6))
    Y = (X[:, :3] + rng.normal(size=(80, 3)) > 0.3).astype(int)
    images = [f"photos/{i}.jpg" for i in range(80)]
    path = tmp_path / "ready.npz"
    split = ["train"] * 40 + ["test"] * 40
    np.savez(path, X=X, Y=Y, labels=LABELS, images=images, split=split)
    return path, Y


@pytest.fixture
def perfect(feature_table):
    """Return the detections of a detector that makes no errors."""
    _, Y = feature_table
    return [(i, LABELS[j], 0.9) for i, j in np.argwhere(Y).tolist()]
