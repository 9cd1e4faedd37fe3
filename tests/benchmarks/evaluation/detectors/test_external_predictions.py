import json

import numpy as np
import pytest

from catnocat.benchmarks import bench
from catnocat.benchmarks.data.tables import LabelTable
from catnocat.benchmarks.evaluation.detectors.external_predictions import read_external_predictions
from catnocat.benchmarks.utils.errors import InputError


def run(path, *detections, **options):
    return bench(path, methods=("logistic",), detections=detections, n_jobs=1, **options)


@pytest.fixture
def coco_table():
    """Return a table as read from COCO: images and labels have ids."""
    images = ["val/a.jpg", "val/b.jpg", "train/a.jpg"]
    return LabelTable(
        name="t",
        source="t",
        images=images,
        paths=images,
        labels=["cat", "dog"],
        Y=[[1, 0], [0, 1], [1, 1]],
        known=np.ones((3, 2)),
        split=["test", "test", "train"],
        image_ids=[10, 20, 10],
        label_ids=[17, 18],
    )


def test_ground_truth_as_detections_has_perfect_metrics(feature_table, write_detections, perfect):
    path, Y = feature_table
    results = run(
        path, write_detections(perfect, metadata={"detector": "oracle", "ms_per_image": 80})
    )
    reference, oracle, _ = results["methods"]
    assert (oracle["name"], oracle["kind"], oracle["base"]) == ("oracle", "independent", "detector")
    assert oracle["per_label"]["ap"] == [1.0, 1.0, 1.0]
    assert oracle["metrics"]["macro_ap"] == oracle["metrics"]["subset_accuracy"] == 1.0
    assert oracle["reference"] == "logistic"
    assert oracle["against_independent"]["macro_ap"]["verdict"] == "better"
    assert oracle["predict_ms_per_image"] == 80
    assert oracle["fit_seconds"] is None
    assert reference["reference"] is None
    (entry,) = results["detectors"]
    assert entry["images_without_detection"] == int((~Y[40:].any(axis=1)).sum())
    assert entry["images_unknown"] == 0
    assert entry["categories_without_label"] == entry["labels_without_category"] == []


@pytest.mark.parametrize("folds", [None, 3])
def test_constant_detector_has_the_prevalence_as_ap(feature_table, write_detections, folds):
    path, Y = feature_table
    everything = [(f"{i}.jpg", c, 0.7) for i in range(80) for c in ("cat", "dog", "traffic_light")]
    results = run(path, write_detections(everything, "blind.json"), folds=folds)
    blind = results["methods"][1]
    prevalence = (Y if folds else Y[40:]).mean(axis=0)
    assert np.allclose(blind["per_label"]["ap"], prevalence, atol=1e-5)
    assert blind["metrics"]["macro_auroc"] == 0.5
    assert blind["predict_ms_per_image"] is None


def test_shuffled_truth_has_about_the_prevalence_as_ap(tmp_path, write_detections, rng):
    Y = (rng.random((2000, 2)) < [0.3, 0.1]).astype(int)
    np.savez(tmp_path / "many.npz", X=rng.normal(size=(2000, 2)), Y=Y, labels=["cat", "dog"])
    shuffled = Y[rng.permutation(2000)]
    entries = [(f"row {i + 1}", ["cat", "dog"][j], 1.0) for i, j in np.argwhere(shuffled)]
    results = run(tmp_path / "many.npz", write_detections(entries), folds=2)
    assert np.allclose(results["methods"][1]["per_label"]["ap"], Y.mean(axis=0), atol=0.02)


def test_several_detectors_can_be_named(feature_table, write_detections, perfect):
    path, _ = feature_table
    file = write_detections(perfect)
    results = run(path, f"yolo={file}", f"ssd={file}")
    assert [entry["name"] for entry in results["methods"]] == [
        "logistic",
        "yolo",
        "ssd",
        "constant",
    ]
    assert f"--detections yolo={file} --detections ssd={file}" in results["command"]
    with pytest.raises(InputError, match="another method has the name 'found'; write OTHERNAME="):
        run(path, file, file)
    with pytest.raises(InputError, match="another method has the name 'logistic'"):
        run(path, f"logistic={file}")


def test_detector_is_not_a_reference(feature_table, write_detections, perfect):
    path, _ = feature_table
    results = bench(path, methods=("powerset",), detections=[write_detections(perfect)], n_jobs=1)
    assert [entry["reference"] for entry in results["methods"]] == [None, None, None]


def test_image_and_category_ids_of_the_table_are_used(coco_table, write_detections):
    (predictions,) = read_external_predictions(
        [write_detections([(10, 17, 0.5), (20, 18, 0.25), (20, 99, 1)])], None
    )
    aligned = predictions.align(coco_table, np.array([0, 1]))
    assert aligned.scores.tolist() == [
        [0.5, 0],
        [0, 0.25],
        [0, 0],
    ]  # of two matching images, the test image
    assert aligned.mismatches["categories_without_label"] == ["99"]
    numbers = aligned.mismatches["labels_without_category"], aligned.mismatches["images_unknown"]
    assert numbers == ([], 0)


def test_ambiguous_image_name_is_ignored(coco_table, write_detections):
    both = np.arange(3)
    (predictions,) = read_external_predictions(
        [write_detections([("a", 17, 0.5), ("train\\a.jpg", 17, 0.75), ("b", 18, 1)])], None
    )
    aligned = predictions.align(coco_table, both)
    assert aligned.scores.tolist() == [[0, 0], [0, 1], [0.75, 0]]
    assert aligned.mismatches["images_unknown"] == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("n.json", {"3": "cat", "9": "dog"}),
        ("n.json", {"categories": [{"id": 3, "name": "cat"}, {"id": 9, "name": "dog"}]}),
        ("n.json", {"names": {"3": "cat", "9": "dog"}}),
        ("n.yaml", ["a", "b", "c", "cat", "e", "f", "g", "h", "i", "Dog"]),
        ("n.json", {"3": "feline", "feline": "cat", "9": "dog"}),
    ],
)
def test_category_names_are_read_from_a_file(
    feature_table, write_detections, tmp_path, name, content
):
    path, _ = feature_table
    (tmp_path / name).write_text(json.dumps(content))
    file = write_detections([("40", 3, 0.5), ("41", 9, 0.5)])
    entry = run(path, file, detection_names=tmp_path / name)["detectors"][0]
    assert entry["categories_without_label"] == []
    assert entry["labels_without_category"] == ["traffic light"]
    assert entry["images_without_detection"] == 38


@pytest.mark.parametrize(
    ("entries", "metadata", "message"),
    [
        ([(900, "cat", 1)], None, "none of its 1 images (900) is a test image; "),
        ([(3, "cat", 1)], None, "none of its 1 images (3) is a test image; "),
        ([(41, 17, 1)], None, "none of its 1 categories (17) is a label of"),
        ([(41, "cat", 1)], {"ms_per_image": "fast"}, "found.about.json: ms_per_image is 'fast'"),
        ([(41, "cat", 1)], [], "found.about.json: "),
        ([(41, "cat", 1)], {"categories": ["cat"]}, "categories must be an object from ids"),
    ],
)
def test_detections_without_a_match_are_refused(
    feature_table, write_detections, entries, metadata, message
):
    path, _ = feature_table
    with pytest.raises(InputError) as caught:
        run(path, write_detections(entries, metadata=metadata))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("n.json", "{", "n.json: not JSON"),
        ("n.yaml", "a: [", "n.yaml: not YAML"),
        ("n.json", "{}", "n.json: contains no names"),
        ("n.json", '{"1": 2}', "n.json: '1' has the name 2; it must be a string"),
        ("n.json", '{"categories": [1]}', "each of the categories needs an id and a name"),
    ],
)
def test_invalid_file_of_names_is_refused(write_detections, tmp_path, name, content, message):
    (tmp_path / name).write_text(content)
    with pytest.raises(InputError) as caught:
        read_external_predictions([write_detections([(1, 1, 1)])], tmp_path / name)
    assert message in str(caught.value)
