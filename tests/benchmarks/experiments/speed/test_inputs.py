import csv
import hashlib
from pathlib import Path

import numpy as np
from PIL import Image

from catnocat.benchmarks.experiments.speed.inputs import distinct_copies, find_photos


def test_crops_are_written_without_data(tmp_path, monkeypatch):
    monkeypatch.delenv("CATNOCAT_DATA", raising=False)
    name, paths = find_photos(None, tmp_path)
    assert "scikit-learn" in name
    assert len({Path(path).read_bytes() for path in paths}) == 200


def test_photographs_of_a_table(tmp_path):
    Image.new("RGB", (20, 20)).save(tmp_path / "a.jpg")
    with (tmp_path / "labels.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["image", "labels"], ["a.jpg", "cat"]])
    assert find_photos(str(tmp_path / "labels.csv"), tmp_path)[1] == [str(tmp_path / "a.jpg")]


def test_copies_are_different_files_with_equal_pixels(tmp_path):
    paths = [str(tmp_path / f"{colour}.jpg") for colour in ("red", "blue")]
    for path in paths:
        Image.new("RGB", (20, 20), Path(path).stem).save(path)
    (tmp_path / "copies").mkdir()
    files = distinct_copies(paths, 7, tmp_path / "copies")
    assert files[:2] == paths
    assert len({hashlib.sha256(Path(path).read_bytes()).digest() for path in files}) == 7
    assert np.array_equal(np.asarray(Image.open(files[6])), np.asarray(Image.open(paths[0])))
    assert distinct_copies(paths, 7, tmp_path / "copies") == files
    assert distinct_copies(paths, 1, tmp_path / "copies") == paths[:1]
