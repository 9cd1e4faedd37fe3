import io
import json

import numpy as np
import pytest
from PIL import Image
from rich.console import Console
from sklearn.datasets import load_sample_images

from catnocat.benchmarks.data.inspection import inspect_dataset, print_inspection, write_page


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    """Cuts of two photographs: one twice, one saved again, one broken, and a label too rare."""
    folder = tmp_path_factory.mktemp("photographs")
    rows = ["image,labels,split"]
    for k, image in enumerate(load_sample_images().images):
        for i in range(4):
            cut = Image.fromarray(image[100 * (i % 2) :, 150 * (i // 2) :][:256, :320])
            cut.save(folder / f"{k}{i}.png")
            label = ("temple", "flower")[k] + ("|sky" if (k, i) == (0, 0) else "")
            rows.append(f"{k}{i}.png,{label},{'test' if i == 3 else 'train'}")
    (folder / "copy.png").write_bytes((folder / "00.png").read_bytes())
    Image.open(folder / "12.png").save(folder / "again.jpg", quality=95)
    (folder / "bad.jpg").write_bytes((folder / "again.jpg").read_bytes()[:900])
    rows += ["copy.png,flower,test", "again.jpg,flower,test", "bad.jpg,temple,train"]
    (folder / "labels.csv").write_text("\n".join(rows) + "\n")
    return folder


@pytest.fixture(scope="module")
def told(photographs, tmp_path_factory):
    return inspect_dataset(photographs, store=tmp_path_factory.mktemp("store"))


@pytest.mark.slow
def test_numbers(told):
    dataset = told["dataset"]
    assert (dataset["images"], dataset["labels"], dataset["label_sets"]) == (11, 3, 3)
    assert dataset["cardinality"] == round(12 / 11, 4)
    assert dataset["split"] == {"train": 7, "test": 4}
    flower = told["labels"][0]
    numbers = {key: flower[key] for key in ("name", "images", "train", "test")}
    assert numbers == {"name": "flower", "images": 6, "train": 3, "test": 3}
    assert told["labels_per_image"] == {"1": 10, "2": 1}
    assert told["label_sets"][0] == {"labels": ["flower"], "images": 6}
    assert told["too_rare"] == ["sky"]


@pytest.mark.slow
def test_unreadable_pictures(told):
    (bad,) = told["unreadable"]
    assert bad["image"] == "bad.jpg"
    assert bad["where"].endswith("labels.csv row 12")


@pytest.mark.slow
def test_pictures_that_are_there_twice(told):
    same = told["identical"]
    assert same["copies"] == 1
    assert same["groups_across_splits"] == 1
    assert same["groups_with_other_labels"] == 1
    assert [picture["image"] for picture in same["groups"][0]] == ["00.png", "copy.png"]
    pairs = [[one["image"] for one in pair["images"]] for pair in told["versions"]["pairs"]]
    assert ["12.png", "again.jpg"] in pairs
    assert all("copy.png" not in pair for pair in pairs)
    assert told["findings"][0]["code"] == "versions_across_split"
    assert told["findings"][0]["repair"].endswith("--drop-duplicates-across-splits")
    codes = {entry["code"] for entry in told["findings"]}
    assert {"small_test", "too_rare", "unreadable", "identical_with_other_labels"} <= codes


def test_findings_name_a_label_on_nearly_every_image(tmp_path, rng):
    Y = np.column_stack([np.ones(300), rng.integers(0, 2, 300)])
    Y[0, 0] = 0
    np.savez(tmp_path / "a.npz", X=rng.normal(size=(300, 5)), Y=Y)
    codes = [entry["code"] for entry in inspect_dataset(tmp_path / "a.npz")["findings"]]
    assert codes == ["almost_always", "too_rare"]


@pytest.mark.slow
def test_the_terminal(told):
    out = io.StringIO()
    print_inspection(told, Console(file=out, width=120))
    text = out.getvalue()
    for line in (
        "11 images, 3 labels, 1.09 per image, 3 different label sets",
        "Too rare to be evaluated (1): sky",
        "Unreadable images: 1",
        "Byte-identical: 1 copies; 1 images are on both sides of the split",
        "00.png (train) = copy.png (test)",
        "12.png ~ again.jpg (images",
        "To repair:",
    ):
        assert line in text


@pytest.mark.slow
def test_the_page_stands_alone(told, tmp_path):
    page = write_page(told, tmp_path / "out")
    text = page.read_text()
    assert 'src="data:image/jpeg;base64,' in text
    assert "http" not in text.replace("http-equiv", "")
    assert "Versions of one image" in text
    assert "Sample images of each label" in text
    assert json.loads((tmp_path / "out" / "data.json").read_text()) == told


@pytest.mark.slow
def test_names_are_escaped(told, tmp_path):
    finding = {"code": "x", "message": "<script>alert(1)</script>", "details": [], "repair": None}
    told = told | {"findings": [finding]}
    assert "<script>alert" not in write_page(told, tmp_path).read_text()


def test_quick_reads_no_picture(photographs):
    told = inspect_dataset(photographs, quick=True)
    assert "unreadable" not in told
    assert told["dataset"]["images"] == 11


def test_ready_features(tmp_path):
    X = np.array([[1, 2], [3, 4], [1, 2]], dtype=np.float32)
    np.savez(tmp_path / "a.npz", X=X, Y=[[1], [0], [1]], split=["train", "train", "test"])
    told = inspect_dataset(tmp_path / "a.npz")
    assert told["dataset"]["features"] == 2
    assert [p["image"] for p in told["identical"]["groups"][0]] == ["row 1", "row 3"]
    print_inspection(told, Console(file=io.StringIO()))
    assert "row 1 (train)" not in write_page(told, tmp_path).read_text()  # nothing to be shown


def test_a_set_without_a_split(write_plain):
    told = inspect_dataset(write_plain, quick=True)
    assert told["dataset"]["split"] is None
    print_inspection(told, Console(file=io.StringIO()))


@pytest.fixture
def write_plain(tmp_path):
    (tmp_path / "a.jpg").touch()
    (tmp_path / "labels.csv").write_text("image,cat,dog\na.jpg,1,\nb.jpg,0,1\n")
    (tmp_path / "objects.csv").write_text("image,label\na.jpg,cat\nb.jpg,dog\nb.jpg,dog\n")
    return tmp_path
