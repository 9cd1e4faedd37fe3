import csv
import hashlib
from pathlib import Path

import numpy as np
from PIL import Image

from catnocat.benchmarks.experiments.speed.photos import find_photos, varied


def test_without_data_photographs_are_cut(tmp_path, monkeypatch):
    monkeypatch.delenv("CATNOCAT_DATA", raising=False)
    name, paths = find_photos(None, tmp_path)
    assert "scikit-learn" in name
    assert len({Path(path).read_bytes() for path in paths}) == 200


def test_a_table_is_read(tmp_path):
    Image.new("RGB", (20, 20)).save(tmp_path / "a.jpg")
    with (tmp_path / "labels.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["image", "labels"], ["a.jpg", "cat"]])
    assert find_photos(str(tmp_path / "labels.csv"), tmp_path)[1] == [str(tmp_path / "a.jpg")]


def test_copies_are_other_files_of_the_same_pixels(tmp_path):
    paths = [str(tmp_path / f"{colour}.jpg") for colour in ("red", "blue")]
    for path in paths:
        Image.new("RGB", (20, 20), Path(path).stem).save(path)
    (tmp_path / "copies").mkdir()
    found = varied(paths, 7, tmp_path / "copies")
    assert found[:2] == paths
    assert len({hashlib.sha256(Path(path).read_bytes()).digest() for path in found}) == 7
    assert np.array_equal(np.asarray(Image.open(found[6])), np.asarray(Image.open(paths[0])))
    assert varied(paths, 7, tmp_path / "copies") == found
    assert varied(paths, 1, tmp_path / "copies") == paths[:1]
