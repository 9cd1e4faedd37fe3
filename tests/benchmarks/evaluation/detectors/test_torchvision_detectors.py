"""torchvision's detectors with random weights, because tests have no network."""

import json

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.datasets import load_sample_images
from torchvision.models import get_model

from catnocat.benchmarks import bench
from catnocat.benchmarks.data.tables import read_label_table
from catnocat.benchmarks.evaluation.detectors import DETECTORS, detect
from catnocat.benchmarks.evaluation.detectors.torchvision_detectors import load_detector
from catnocat.benchmarks.utils.errors import InputError


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """Save the smallest detector with random weights that produce detections."""
    torch.manual_seed(0)
    model = get_model(
        DETECTORS["ssdlite"].builder, weights=None, weights_backbone=None, num_classes=91
    )
    file = tmp_path_factory.mktemp("weights") / "ssdlite.pth"
    torch.save(model.state_dict(), file)
    return file


@pytest.fixture
def table(tmp_path):
    """Write a table of two photographs, a missing file and a file that is not an image."""
    for name, pixels in zip("ab", load_sample_images().images, strict=True):
        Image.fromarray(pixels).resize((160, 120)).save(tmp_path / f"{name}.jpg")
    (tmp_path / "c.jpg").write_text("not an image")
    path = tmp_path / "labels.csv"
    path.write_text("image,labels\na.jpg,person\nb.jpg,cat\nc.jpg,cat\nd.jpg,person\n")
    return read_label_table(path)


def test_detections_are_written_with_their_metadata(table, weights, tmp_path):
    out = tmp_path / "found" / "ssd.json"
    metadata = detect(table, "ssdlite", out, weights=weights)
    entries = json.loads(out.read_text())
    assert {entry["image_id"] for entry in entries} == {"a.jpg", "b.jpg"}
    assert all(0 < entry["score"] <= 1 and len(entry["bbox"]) == 4 for entry in entries)
    assert (metadata["images"], metadata["detections"]) == (2, len(entries))
    assert [image["image"] for image in metadata["skipped"]] == ["c.jpg", "d.jpg"]
    assert metadata["skipped"][0]["where"].endswith("labels.csv row 4")
    assert metadata["ms_per_image"] > 0
    assert metadata["categories"]["17"] == "cat"
    assert "N/A" not in metadata["categories"].values()
    assert json.loads((tmp_path / "found" / "ssd.about.json").read_text()) == metadata
    assert [file.name for file in out.parent.iterdir() if file.suffix != ".json"] == []


def test_detections_can_be_compared(weights, tmp_path, rng):
    lines = ["image,labels"]
    for i in range(12):
        Image.fromarray(rng.integers(0, 255, (40, 50, 3), dtype=np.uint8)).save(
            tmp_path / f"{i}.png"
        )
        lines.append(f"{i}.png,{('person', 'cat')[i % 2]}")
    path = tmp_path / "labels.csv"
    path.write_text("\n".join(lines))
    detect(read_label_table(path), "ssdlite", tmp_path / "found.json", weights=weights)
    results = bench(
        path, methods=("mlknn",), detections=[tmp_path / "found.json"], folds=2, n_jobs=1
    )
    entry = results["methods"][1]
    assert entry["name"] == "ssdlite"
    assert entry["predict_ms_per_image"] == results["detectors"][0]["ms_per_image"] > 0


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in DETECTORS if name != "ssdlite"])
def test_number_of_classes_is_read_from_the_weights(name, tmp_path):
    model = get_model(DETECTORS[name].builder, weights=None, weights_backbone=None, num_classes=4)
    torch.save({"model": model.state_dict()}, tmp_path / "w.pth")
    loaded, categories, _ = load_detector(name, tmp_path / "w.pth")
    assert categories is None  # COCO's are 91
    assert all(
        torch.equal(a, b)
        for a, b in zip(model.state_dict().values(), loaded.state_dict().values(), strict=True)
    )


def test_weights_with_other_categories_need_names(table, tmp_path):
    model = get_model(
        DETECTORS["ssdlite"].builder, weights=None, weights_backbone=None, num_classes=3
    )
    torch.save(model.state_dict(), tmp_path / "w.pth")
    with pytest.raises(
        InputError, match="the categories are not those of COCO; name them with --names"
    ):
        detect(table, "ssdlite", tmp_path / "f.json", weights=tmp_path / "w.pth")
    (tmp_path / "names.json").write_text('{"1": "cat", "2": "person"}')
    metadata = detect(
        table,
        "ssdlite",
        tmp_path / "f.json",
        weights=tmp_path / "w.pth",
        names=tmp_path / "names.json",
    )
    assert metadata["categories"] == {"1": "cat", "2": "person"}


@pytest.mark.parametrize(
    ("detector", "content", "message"),
    [
        ("yolo", b"", "--detector yolo: unknown; choose from fasterrcnn, ssd, ssdlite, retinanet"),
        ("ssdlite", None, "w.pth: no such file and not one of COCO_V1"),
        ("ssdlite", b"", "w.pth: cannot be read as weights"),
        ("ssdlite", b"\0" * 99, "w.pth: cannot be read as weights"),
        ("ssdlite", {"a": torch.zeros(3)}, "not the weights of ssdlite320_mobilenet_v3_large"),
        ("ssdlite", [1, 2], "w.pth: does not contain a state dict"),
    ],
)
def test_invalid_weights_are_refused_in_one_line(table, tmp_path, detector, content, message):
    file = tmp_path / "w.pth"
    if isinstance(content, bytes):
        file.write_bytes(content)
    elif content is not None:
        torch.save(content, file)
    with pytest.raises(InputError) as caught:
        detect(table, detector, tmp_path / "f.json", weights=file)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_table_without_a_readable_image_is_refused(weights, tmp_path):
    (tmp_path / "a.jpg").write_text("not an image")
    (tmp_path / "t.csv").write_text("image,labels\na.jpg,cat\n")
    table = read_label_table(tmp_path / "t.csv")
    with pytest.raises(InputError, match=r"t.csv row 2: .*; no image can be read"):
        detect(table, "ssdlite", tmp_path / "f.json", weights=weights)
    assert not (tmp_path / "f.json").exists()
    with pytest.raises(InputError, match=r"must end in \.json"):
        detect(table, "ssdlite", tmp_path / "f.csv", weights=weights)
