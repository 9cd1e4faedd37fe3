"""Real photographs give the same results whichever format they are read from."""

import json
import os

import numpy as np
import pytest

from catnocat.benchmarks import bench
from catnocat.benchmarks.data.formats import read_dataset
from catnocat.benchmarks.data.tables import write_label_table

SIDES = ("train", "test")


@pytest.fixture(params=["coco128", "coco18"])
def photographs(data, request):
    """The table, training images first, as the formats with a folder per part give them."""
    table = read_dataset(data / request.param)
    return table.take(np.concatenate([np.flatnonzero(table.split == side) for side in SIDES]))


@pytest.fixture
def layouts(photographs, tmp_path, text):
    """The same photographs as a table, and as links in the layouts of COCO and YOLO."""
    table = photographs
    for name in ("coco", "yolo"):
        for side in ("train", "val"):
            (tmp_path / name / "images" / side).mkdir(parents=True)
    names = [f"{i:06d}.jpg" for i in range(table.n_images)]
    parts = np.where(table.split == "train", "train", "val").tolist()
    for path, name, part in zip(table.paths, names, parts, strict=True):
        for layout in ("coco", "yolo"):
            (tmp_path / layout / "images" / part / name).symlink_to(path)
    for side in ("train", "val"):
        rows = [i for i, part in enumerate(parts) if part == side]
        content = {
            "images": [{"id": i, "file_name": names[i]} for i in rows],
            "annotations": [
                {"image_id": i, "category_id": int(j) + 1}
                for i in rows
                for j in np.flatnonzero(table.Y[i])
            ],
            "categories": [{"id": j + 1, "name": name} for j, name in enumerate(table.labels)],
        }
        text(tmp_path / "coco/annotations" / f"instances_{side}2017.json", json.dumps(content))
        for i in rows:
            boxes = [f"{j} .5 .5 .1 .1" for j in np.flatnonzero(table.Y[i])]
            text(tmp_path / "yolo/labels" / side / f"{i:06d}.txt", *boxes)
    text(
        tmp_path / "yolo/data.yaml",
        "train: images/train\nval: images/val",
        f"names: {json.dumps(table.labels)}",
    )
    (tmp_path / "table").mkdir()
    write_label_table(table, tmp_path / "table" / "labels.csv")
    return {name: tmp_path / name for name in ("table", "coco", "yolo")}


def test_three_formats_are_one_data_set(layouts, photographs):
    for path in layouts.values():
        table = read_dataset(path)
        assert table.labels == photographs.labels
        assert np.array_equal(table.Y, photographs.Y)
        assert table.split.tolist() == photographs.split.tolist()
        assert [os.path.realpath(one) for one in table.paths] == [
            os.path.realpath(one) for one in photographs.paths
        ]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Labels without both kinds of training rows")
def test_three_formats_give_one_result(layouts, tmp_path):
    told = []
    for path in layouts.values():
        results = bench(
            path, store=tmp_path / "store", methods=("mlknn",), limit=80, min_positives=8, n_jobs=1
        )
        method, _ = results["methods"]
        told.append((results["dataset"]["prevalence"], method["metrics"], method["per_label"]))
    assert told[0][1]["macro_ap"] > 0.1
    assert told[0] == told[1] == told[2]
