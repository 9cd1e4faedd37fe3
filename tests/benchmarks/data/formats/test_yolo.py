import pytest

from catnocat.benchmarks.data.formats import read_dataset

CONFIG = ("train: images/train", "val: images/val", "names: [cat, dog, fox]")


def test_a_missing_or_empty_label_file_is_background(write_yolo, tmp_path, picture, text):
    root = write_yolo(tmp_path)
    picture("8", root / "images" / "val" / "008.jpg")
    text(root / "labels" / "val" / "008.txt")
    table = read_dataset(root)
    assert table.images[-1] == "images/val/008.jpg"
    assert not table.Y[-1].any()
    assert not table.Y[table.images.index("images/train/003.jpg")].any()


@pytest.mark.parametrize(
    "names",
    [
        ("names:", "  0: cat", "  1: dog", "  2: fox"),
        ("nc: 3", "names: ['cat', 'dog', 'fox']"),
    ],
)
def test_both_forms_of_names(write_yolo, tmp_path, text, names):
    root = write_yolo(tmp_path)
    text(root / "data.yaml", *CONFIG[:2], *names)
    for path in (root, root / "data.yaml"):
        assert read_dataset(path).labels == ("cat", "dog", "fox")


@pytest.mark.parametrize(
    "places",
    [
        ("train: ../images/train", "val: ../images/val"),  # what some exports write
        ("train: [images/train]", "val: images/val", "test: images/test"),
        ("train: train.txt", "val: val.txt"),
        (),
    ],
)
def test_the_ways_to_name_a_part(write_yolo, tmp_path, text, places):
    root = write_yolo(tmp_path / "a")
    for part, names in (("train", ("001", "002", "003", "004")), ("val", ("005", "006", "007"))):
        text(root / f"{part}.txt", *(f"./images/{part}/{name}.jpg" for name in names))
    text(root / "data.yaml", *places, CONFIG[-1])
    table = read_dataset(root)
    assert table.split.tolist() == ["train"] * 4 + ["test"] * 3
    assert table.Y.sum() == 9


def test_an_unlabelled_test_part_is_left_out(write_yolo, tmp_path, picture, text):
    root = write_yolo(tmp_path)
    picture("9", root / "images" / "test" / "009.jpg")
    text(root / "data.yaml", *CONFIG, "test: images/test")
    assert read_dataset(root).n_images == 7
    text(root / "labels" / "test" / "009.txt", "0 .1 .1 .1 .1")
    table = read_dataset(root)
    assert table.split.tolist() == ["train"] * 7 + ["test"]


def test_outlines_count_as_boxes_do(write_yolo, tmp_path, text):
    root = write_yolo(tmp_path)
    text(root / "labels" / "train" / "001.txt", "0 .1 .1 .2 .1 .2 .2", "0 .5 .5 .1 .1")
    assert read_dataset(root).counts[0].tolist() == [2, 0, 0]


@pytest.mark.parametrize(
    ("file", "lines", "told"),
    [
        (
            "labels/val/006.txt",
            ["3 .5 .5 .1 .1"],
            "006.txt row 1: class 3 is not among the 3 names",
        ),
        (
            "labels/val/006.txt",
            ["0 .5 .5 .1 .1", "cat .5"],
            "006.txt row 2: 'cat .5' is not a class",
        ),
        (
            "labels/val/006.txt",
            ["1.5 .5 .5 .1 .1"],
            "row 1: '1.5 .5 .5 .1 .1' is not a class number",
        ),
        ("data.yaml", CONFIG[:2], "no `names`; write one name per class"),
        ("data.yaml", [*CONFIG[:2], "names: {1: cat, 2: dog}"], "keys of `names` are not 0 to 1"),
        ("data.yaml", [*CONFIG, "nc: 4"], "`nc` is 4, but 3 are named"),
        ("data.yaml", [*CONFIG[:2], "names: [cat, cat]"], "two labels are called 'cat'"),
        ("data.yaml", ["train: img", CONFIG[-1]], "img does not exist; correct the path"),
        ("data.yaml", ["names: [cat"], "data.yaml: not YAML ("),
        ("data.yaml", ["- cat"], "is not a list of `key: value`"),
        ("data.yaml", ["!!python/object/apply:os.getcwd []"], "data.yaml: not YAML ("),
    ],
)
def test_broken_twins(write_yolo, tmp_path, text, refused, file, lines, told):
    root = write_yolo(tmp_path)
    text(root / file, *lines)
    assert told in refused(root)


def test_without_data_yaml(write_yolo, tmp_path, refused):
    root = write_yolo(tmp_path)
    (root / "data.yaml").unlink()
    assert "no data.yaml and no classes.txt; write a data.yaml with `names: [cat, dog]`" in refused(
        root
    )
