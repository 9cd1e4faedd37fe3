"""Leaving copies out of a comparison."""

import numpy as np
import pytest

from catnocat.benchmarks import bench
from catnocat.benchmarks.copies import without_copies
from catnocat.benchmarks.vectors import Vectors


@pytest.fixture
def ready(tmp_path, rng):
    """Write features of 60 pictures whose test rows 40 and 41 are in the training part as well."""
    X = rng.normal(size=(60, 8))
    X[0], X[1] = X[40], 1.01 * X[41] + 1e-3
    Y = (X[:, :2] + 0.3 * rng.normal(size=(60, 2)) > 0).astype(int)
    Y = np.column_stack([Y, np.arange(60) < 3])
    path = tmp_path / "ready.npz"
    split = ["train"] * 40 + ["test"] * 20
    np.savez(path, X=X, Y=Y, labels=["cat", "dog", "lynx"], split=split)
    return path


def run(path, **options):
    return bench(path, methods=("mlknn",), n_jobs=1, **options)


def test_training_copies_are_left_out_and_told(ready):
    assert run(ready)["dropped_duplicates"] is None
    results = run(ready, drop_duplicates_across_splits=True)
    told = results["dropped_duplicates"]
    assert [(one["image"], one["copy_of"]) for one in told] == [
        ("row 1", "row 41"),
        ("row 2", "row 42"),
    ]
    assert told[0]["cosine"] is None
    assert 0.9 < told[1]["cosine"] <= 1
    assert told[0]["where"].endswith("row 1")
    assert results["dataset"]["images"] == 58
    assert results["protocol"]["images_trained_on"] == 38
    assert results["protocol"]["images_judged"] == 20
    assert "--drop-duplicates-across-splits" in results["command"]


def test_in_folds_the_first_of_the_same_pictures_stays(ready):
    results = run(ready, drop_duplicates_across_splits=True, folds=3)
    assert [one["image"] for one in results["dropped_duplicates"]] == ["row 41", "row 42"]


def test_digests_follow_the_rows(make_table):
    table = make_table(4, split=["train", "train", "test", "test"])
    vectors = Vectors(np.eye(4, dtype=np.float32), table, {}, {}, [], list("abca"))
    kept, told = without_copies(vectors, None)
    assert kept.digests == list("bca")
    assert kept.table.images == ("1.jpg", "2.jpg", "3.jpg")
    assert kept.X.tolist() == np.eye(4)[1:].tolist()
    assert len(told) == 1


def test_labels_rarer_than_the_folds_are_in_no_macro_average(ready):
    entry = (results := run(ready, folds=4))["methods"][0]
    assert results["protocol"]["labels_not_averaged"] == ["lynx"]
    assert entry["metrics"]["labels_averaged"] == 2
    assert entry["per_label"]["ap"][2] is None
    assert np.isclose(
        entry["metrics"]["macro_ap"], np.mean(entry["per_label"]["ap"][:2]), atol=1e-4
    )
    assert run(ready, folds=3)["protocol"]["labels_not_averaged"] == []


def test_a_label_that_one_side_of_the_split_lacks_is_in_no_macro_average(ready):
    results = run(ready)
    assert results["protocol"]["labels_not_averaged"] == ["lynx"]
    assert results["methods"][0]["metrics"]["labels_averaged"] == 2
