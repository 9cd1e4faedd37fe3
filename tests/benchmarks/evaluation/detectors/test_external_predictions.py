import json

import numpy as np
import pytest

from catnocat.benchmarks import bench
from catnocat.benchmarks.data.tables import LabelTable
from catnocat.benchmarks.evaluation.detectors.external_predictions import read_rivals
from catnocat.benchmarks.utils.errors import InputError


def run(path, *detections, **options):
    return bench(path, methods=("logistic",), detections=detections, n_jobs=1, **options)


@pytest.fixture
def numbered():
    """Give a table as COCO gives it: pictures and labels with numbers of their own."""
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


def test_the_ground_truth_as_detections_is_never_wrong(ready, found, perfect):
    path, Y = ready
    results = run(path, found(perfect, about={"detector": "oracle", "ms_per_image": 80}))
    reference, oracle, _ = results["methods"]
    assert (oracle["name"], oracle["kind"], oracle["base"]) == ("oracle", "independent", "detector")
    assert oracle["per_label"]["ap"] == [1.0, 1.0, 1.0]
    assert oracle["metrics"]["macro_ap"] == oracle["metrics"]["subset_accuracy"] == 1.0
    assert oracle["reference"] == "logistic"
    assert oracle["against_independent"]["macro_ap"]["verdict"] == "better"
    assert oracle["predict_ms_per_image"] == 80
    assert oracle["fit_seconds"] is None
    assert reference["reference"] is None
    (told,) = results["detectors"]
    assert told["images_without_detection"] == int((~Y[40:].any(axis=1)).sum())
    assert told["images_unknown"] == 0
    assert told["categories_without_label"] == told["labels_without_category"] == []


@pytest.mark.parametrize("folds", [None, 3])
def test_a_detector_that_finds_all_everywhere_gets_the_prevalence(ready, found, folds):
    path, Y = ready
    everything = [(f"{i}.jpg", c, 0.7) for i in range(80) for c in ("cat", "dog", "traffic_light")]
    results = run(path, found(everything, "blind.json"), folds=folds)
    blind = results["methods"][1]
    prevalence = (Y if folds else Y[40:]).mean(axis=0)
    assert np.allclose(blind["per_label"]["ap"], prevalence, atol=1e-5)
    assert blind["metrics"]["macro_auroc"] == 0.5
    assert blind["predict_ms_per_image"] is None


def test_shuffled_truth_comes_near_the_prevalence(tmp_path, found, rng):
    Y = (rng.random((2000, 2)) < [0.3, 0.1]).astype(int)
    np.savez(tmp_path / "many.npz", X=rng.normal(size=(2000, 2)), Y=Y, labels=["cat", "dog"])
    shuffled = Y[rng.permutation(2000)]
    entries = [(f"row {i + 1}", ["cat", "dog"][j], 1.0) for i, j in np.argwhere(shuffled)]
    results = run(tmp_path / "many.npz", found(entries), folds=2)
    assert np.allclose(results["methods"][1]["per_label"]["ap"], Y.mean(axis=0), atol=0.02)


def test_several_detectors_and_names_of_ones_own(ready, found, perfect):
    path, _ = ready
    file = found(perfect)
    results = run(path, f"yolo={file}", f"ssd={file}")
    assert [entry["name"] for entry in results["methods"]] == [
        "logistic",
        "yolo",
        "ssd",
        "constant",
    ]
    assert f"--detections yolo={file} --detections ssd={file}" in results["command"]
    with pytest.raises(InputError, match="another method is called 'found'; write OTHERNAME="):
        run(path, file, file)
    with pytest.raises(InputError, match="another method is called 'logistic'"):
        run(path, f"logistic={file}")


def test_a_detector_is_no_reference(ready, found, perfect):
    path, _ = ready
    results = bench(path, methods=("powerset",), detections=[found(perfect)], n_jobs=1)
    assert [entry["reference"] for entry in results["methods"]] == [None, None, None]


def test_numbers_are_those_of_the_data_set(numbered, found):
    (rival,) = read_rivals([found([(10, 17, 0.5), (20, 18, 0.25), (20, 99, 1)])], None)
    placed = rival.placed(numbered, np.array([0, 1]))
    assert placed.scores.tolist() == [[0.5, 0], [0, 0.25], [0, 0]]  # the judged one of the two
    assert placed.told["categories_without_label"] == ["99"]
    numbers = placed.told["labels_without_category"], placed.told["images_unknown"]
    assert numbers == ([], 0)


def test_a_name_that_two_pictures_share_is_neither(numbered, found):
    both = np.arange(3)
    (rival,) = read_rivals(
        [found([("a", 17, 0.5), ("train\\a.jpg", 17, 0.75), ("b", 18, 1)])], None
    )
    placed = rival.placed(numbered, both)
    assert placed.scores.tolist() == [[0, 0], [0, 1], [0.75, 0]]
    assert placed.told["images_unknown"] == 1


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
def test_a_file_of_names_says_what_numbers_mean(ready, found, tmp_path, name, content):
    path, _ = ready
    (tmp_path / name).write_text(json.dumps(content))
    file = found([("40", 3, 0.5), ("41", 9, 0.5)])
    told = run(path, file, detection_names=tmp_path / name)["detectors"][0]
    assert told["categories_without_label"] == []
    assert told["labels_without_category"] == ["traffic light"]
    assert told["images_without_detection"] == 38


@pytest.mark.parametrize(
    ("entries", "about", "told"),
    [
        ([(900, "cat", 1)], None, "none of its 1 pictures (900) is judged; "),
        ([(3, "cat", 1)], None, "none of its 1 pictures (3) is judged; "),
        ([(41, 17, 1)], None, "none of its 1 categories (17) is a label of"),
        ([(41, "cat", 1)], {"ms_per_image": "fast"}, "found.about.json: ms_per_image is 'fast'"),
        ([(41, "cat", 1)], [], "found.about.json: "),
        ([(41, "cat", 1)], {"categories": ["cat"]}, "categories is no object from numbers"),
    ],
)
def test_what_fits_nothing_is_refused(ready, found, entries, about, told):
    path, _ = ready
    with pytest.raises(InputError) as caught:
        run(path, found(entries, about=about))
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("n.json", "{", "n.json: not JSON"),
        ("n.yaml", "a: [", "n.yaml: not YAML"),
        ("n.json", "{}", "n.json: no names in it"),
        ("n.json", '{"1": 2}', "n.json: '1' is called 2; write a text"),
        ("n.json", '{"categories": [1]}', "not every one of its categories has id and name"),
    ],
)
def test_a_broken_file_of_names_is_refused(found, tmp_path, name, content, told):
    (tmp_path / name).write_text(content)
    with pytest.raises(InputError) as caught:
        read_rivals([found([(1, 1, 1)])], tmp_path / name)
    assert told in str(caught.value)
