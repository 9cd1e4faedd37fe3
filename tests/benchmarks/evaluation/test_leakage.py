"""Versions of one image in a comparison: grouped, reported or dropped."""

import json

import numpy as np
import pytest

from catnocat.benchmarks import bench
from catnocat.benchmarks.data.inspection import Link, Versions
from catnocat.benchmarks.evaluation.leakage import merge_groups
from catnocat.benchmarks.report.text.leakage import leakage_sentences


@pytest.fixture
def ready(tmp_path, rng):
    """Write features of 60 images; test rows 40 and 41 are in the training part as well."""
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


def test_leakage_across_the_split_is_reported_with_a_remedy(ready):
    results = run(ready)
    leakage = results["leakage"]
    assert leakage["action"] == "reported"
    assert leakage["by_signal"] == {"bytes": 1, "vectors": 1}
    assert leakage["across_split"] == {"test_images": 2, "train_images": 2}
    assert leakage["remedy"].endswith("--drop-duplicates-across-splits --seed 0")
    assert results["dropped_duplicates"] is None
    assert any(leakage["remedy"] in sentence for sentence in leakage_sentences(leakage))
    json.dumps(leakage)


def test_training_versions_are_dropped_with_the_option(ready):
    results = run(ready, drop_duplicates_across_splits=True)
    dropped = results["dropped_duplicates"]
    assert [(entry["image"], entry["copy_of"], entry["signal"]) for entry in dropped] == [
        ("row 1", "row 41", "bytes"),
        ("row 2", "row 42", "vectors"),
    ]
    assert results["leakage"]["action"] == "dropped"
    assert results["dataset"]["images"] == 58
    assert results["protocol"]["images_trained_on"] == 38
    assert results["protocol"]["images_judged"] == 20
    assert "--drop-duplicates-across-splits" in results["command"]


def test_in_folds_the_first_version_is_kept(ready):
    results = run(ready, drop_duplicates_across_splits=True, folds=3)
    assert [entry["image"] for entry in results["dropped_duplicates"]] == ["row 41", "row 42"]


def test_folds_keep_versions_together(ready):
    results = run(ready, folds=3)
    assert results["leakage"]["action"] == "grouped"
    assert results["leakage"]["groups"] == 2
    assert "groups whole" in results["protocol"]["split"]


def test_versions_of_each_image_are_found_and_grouped(tmp_path, rng):
    X = np.repeat(rng.normal(size=(60, 20)), 3, axis=0) + 0.02 * rng.normal(size=(180, 20))
    Y = np.repeat(rng.random((60, 3)) < 0.4, 3, axis=0).astype(int)
    figures = {}
    for name, arrays in (("none", {}), ("own", {"group": np.repeat(np.arange(60), 3).astype(str)})):
        np.savez(tmp_path / f"{name}.npz", X=X, Y=Y, **arrays)
    results = run(tmp_path / "none.npz")
    assert results["leakage"]["groups"] == 60
    assert results["leakage"]["largest_group"] == 3
    figures = results["methods"][0]["metrics"]["macro_ap"]
    assert figures < 0.7  # labels are random: the versions alone would give about 1


def test_one_group_of_all_is_reported_not_grouped(tmp_path, rng):
    X = np.repeat(rng.normal(size=(4, 20)), 20, axis=0)
    Y = rng.integers(0, 2, (80, 2))
    np.savez(tmp_path / "a.npz", X=X, Y=Y)
    results = run(tmp_path / "a.npz")
    assert results["leakage"]["action"] == "too_few_groups"
    assert results["leakage"]["groups"] == 4
    assert len(leakage_sentences(results["leakage"])) == 1


def test_every_row_twice_is_grouped(tmp_path, rng):
    X, Y = rng.normal(size=(60, 20)), rng.integers(0, 2, (60, 2))
    np.savez(tmp_path / "a.npz", X=np.tile(X, (2, 1)), Y=np.tile(Y, (2, 1)))
    results = run(tmp_path / "a.npz")
    assert (results["leakage"]["action"], results["leakage"]["groups"]) == ("grouped", 60)


def test_equal_rows_of_discrete_features_are_not_versions(tmp_path, rng):
    X, Y = rng.integers(0, 2, (200, 5)), rng.integers(0, 2, (200, 2))
    np.savez(tmp_path / "a.npz", X=X.astype(float), Y=Y)
    results = run(tmp_path / "a.npz")
    assert (results["leakage"]["action"], results["leakage"]["groups"]) == ("none", 0)


def test_data_without_versions_is_unchanged(tmp_path, rng):
    X, Y = rng.normal(size=(80, 10)), rng.integers(0, 2, (80, 2))
    np.savez(tmp_path / "a.npz", X=X, Y=Y)
    results = run(tmp_path / "a.npz")
    assert results["leakage"]["action"] == "none"
    assert results["protocol"]["split"] == "iterative-stratified folds"
    assert leakage_sentences(results["leakage"]) == []


def test_groups_of_the_table_are_merged_with_versions(make_table):
    table = make_table(5, group=["a", "a", "b", "c", "d"])
    groups = merge_groups(Versions(5, (Link(1, 2, "names"),)), table).tolist()
    assert groups[0] == groups[1] == groups[2]
    assert len(set(groups)) == 3


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
