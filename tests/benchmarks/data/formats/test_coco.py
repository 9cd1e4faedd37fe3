import json
from pathlib import Path

import numpy as np
import pytest

from catnocat.benchmarks.data.formats import read_coco, read_dataset


@pytest.fixture
def change(write_coco, tmp_path):
    """Return a function that changes the training annotations of a sound COCO folder."""
    root = write_coco(tmp_path)
    file = root / "annotations" / "instances_train2017.json"

    def change_file(edit):
        content = json.loads(file.read_text())
        edit(content)
        file.write_text(json.dumps(content))
        return root

    return change_file


def test_all_categories_stay_in_the_order_of_their_ids(change):
    root = change(lambda content: content["categories"].append({"id": 90, "name": "toothbrush"}))
    val = root / "annotations" / "instances_val2017.json"
    content = json.loads(val.read_text())
    content["categories"].insert(0, {"id": 90, "name": "toothbrush"})
    val.write_text(json.dumps(content))
    table = read_dataset(root)
    assert table.labels == ("cat", "dog", "fox", "toothbrush")
    assert not table.Y[:, 3].any()


def test_a_crowd_is_present_and_counts_as_one(write_coco, tmp_path):
    root = write_coco(tmp_path, [("1", "train", {"dog": 2}), ("2", "test", {"cat": 1})])
    table = read_dataset(root)  # the second dog is marked iscrowd
    assert table.counts.tolist() == [[0, 2, 0], [1, 0, 0]]


def test_val_is_judged_and_a_picture_without_objects_stays(write_coco, tmp_path):
    table = read_dataset(write_coco(tmp_path))
    assert table.split.tolist() == ["train"] * 4 + ["test"] * 3
    assert table.images[2] == "train2017/003.jpg"
    assert not table.Y[2].any()


def test_one_file_alone_has_no_split(write_coco, tmp_path):
    root = write_coco(tmp_path)
    table = read_dataset(root / "annotations" / "instances_val2017.json")
    assert table.n_images == 3
    assert table.split is None


def test_two_years_in_one_folder(write_coco, tmp_path, refused):
    write_coco(tmp_path, year="2014")
    write_coco(tmp_path)
    assert "holds several years (2014, 2017); name one JSON file" in refused(tmp_path)
    table = read_coco(tmp_path, "2014")
    assert table.images[0] == "train2014/001.jpg"
    assert table.name.endswith("2014")


def test_a_folder_per_part(write_coco, tmp_path):
    write_coco(tmp_path / "whole")
    whole = read_dataset(tmp_path / "whole")
    root = tmp_path / "export"
    root.mkdir()
    for part, to in (("train", "train"), ("val", "valid")):
        (tmp_path / "whole" / f"{part}2017").rename(root / to)
        file = tmp_path / "whole" / "annotations" / f"instances_{part}2017.json"
        file.rename(root / to / "_annotations.coco.json")
    table = read_dataset(root)
    assert np.array_equal(table.counts, whole.counts)
    assert table.split.tolist() == whole.split.tolist()


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (
            lambda c: c.pop("annotations"),
            "no list 'annotations' as in a COCO file; it holds an object with the keys",
        ),
        (lambda c: c["annotations"][1].pop("image_id"), "annotations[1] has no 'image_id'"),
        (
            lambda c: c["annotations"][0].update(category_id=77),
            "annotations[0] is of category 77, not in it",
        ),
        (
            lambda c: c["annotations"][0].update(image_id=[1]),
            "annotations[0] has ([1], 1), not numbers and texts",
        ),
        (lambda c: c["images"].append(c["images"][0]), "images[4] has the id 1 of an earlier one"),
        (lambda c: c["images"].append(7), "images[4] is not an object"),
        (lambda c: c["categories"].pop(), "annotations[4] is of category 11, not in it"),
        (lambda c: c["categories"][0].update(name="dog"), "two labels are called 'dog'"),
        (lambda c: c["categories"][0].update(name="lynx"), "not those of the other parts"),
        (lambda c: c["categories"][0].update(id=6), "ids of its categories are not different"),
    ],
)
def test_broken_twins(change, refused, edit, told):
    message = refused(change(edit))
    assert told in message


def test_a_file_under_two_ids_is_one_image_with_the_labels_of_both(write_coco, tmp_path):
    root = write_coco(tmp_path)
    file = root / "annotations" / "instances_train2017.json"
    content = json.loads(file.read_text())
    for image in list(content["images"]):
        content["images"].append({"id": image["id"] + 100, "file_name": f"./{image['file_name']}"})
    content["annotations"] += [
        {"image_id": 101, "category_id": 6},
        *({"image_id": 102, "category_id": 6} for _ in range(3)),
    ]
    file.write_text(json.dumps(content))
    table = read_dataset(root)
    assert table.n_images == 7
    assert table.images[:4] == tuple(f"train2017/00{i}.jpg" for i in range(1, 5))
    assert table.counts[:4].tolist() == [[1, 1, 0], [1, 3, 0], [0, 0, 0], [0, 0, 1]]
    assert table.image_ids[:4].tolist() == [1, 2, 3, 4]


def test_names_written_on_windows(write_coco, tmp_path):
    root = write_coco(tmp_path)
    file = root / "annotations" / "instances_val2017.json"
    file.write_text(file.read_text().replace('"00', '"val2017\\\\00'))
    (root / "pets.json").write_text(file.read_text())
    table = read_dataset(root / "pets.json")
    assert table.images == ("val2017/005.jpg", "val2017/006.jpg", "val2017/007.jpg")
    assert all(Path(path).is_file() for path in table.paths)


def test_an_image_in_two_parts_is_refused(write_coco, tmp_path, refused):
    root = write_coco(tmp_path)
    images = root / "images"
    images.mkdir()
    for part in ("train2017", "val2017"):
        for image in (root / part).iterdir():
            image.rename(images / image.name)
        (root / part).rmdir()
    file = root / "annotations" / "instances_val2017.json"
    file.write_text(file.read_text().replace('"005.jpg"', '"001.jpg"'))
    assert f"{file}: 'images/001.jpg' is in another part too" in refused(root)


def test_a_file_without_annotations_is_refused(write_coco, tmp_path, refused):
    root = write_coco(tmp_path, [("1", "train", {}), ("2", "test", {})])
    assert "no annotation in instances_train2017.json" in refused(root)


def test_a_truncated_file(write_coco, tmp_path, refused):
    file = write_coco(tmp_path) / "annotations" / "instances_val2017.json"
    file.write_bytes(file.read_bytes()[:-9])
    assert f"{file}: not JSON (" in refused(tmp_path)


def test_a_category_whose_name_is_half_a_character(write_coco, tmp_path, refused):
    root = write_coco(tmp_path / "coco")
    for file in (root / "annotations").iterdir():
        file.write_text(file.read_text().replace('"dog"', '"d\\ud800g"'))
    assert "'d\\ud800g' cannot be a label; it needs a text in Unicode" in refused(root)
