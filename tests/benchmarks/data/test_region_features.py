import numpy as np
import pytest
from PIL import Image

from catnocat.benchmarks.data import region_features as module
from catnocat.benchmarks.data.region_features import Regions, load_regions
from catnocat.benchmarks.evaluation.cross_validation import compare
from catnocat.benchmarks.evaluation.methods import select_methods
from catnocat.benchmarks.evaluation.splits import outer_folds

BACKBONE = {"backbone": "efficientnet_lite0", "weights": None, "n_jobs": 1}


@pytest.fixture
def pictures(make_table, rng, tmp_path):
    table = make_table(3)
    paths = [str(tmp_path / f"{row}.png") for row in range(3)]
    for path in paths:
        Image.fromarray(rng.integers(0, 256, (90, 120, 3), dtype=np.uint8)).save(path)
    object.__setattr__(table, "paths", tuple(paths))
    return table


@pytest.mark.slow
def test_regions_are_parts_of_the_whole_picture_of_the_other_methods(pictures, tmp_path):
    from catnocat.features import extract_features

    asked = {"store": tmp_path / "store", "engine": "torch"}
    found = load_regions(pictures, **BACKBONE, views="whole", **asked)
    assert found.X.shape == (3, 9, 1280)
    assert found.description["view"] == "whole@224:cells3/keep"
    assert found.description["computed_now"] == 3
    whole = extract_features(pictures.paths, **asked).X
    assert all(np.corrcoef(found.X[row].mean(axis=0), whole[row])[0, 1] > 0.95 for row in range(3))


def test_what_stands_against_regions_is_told(make_table, pictures, monkeypatch, tmp_path):
    ready = make_table(3, X=np.zeros((3, 5), dtype=np.float32))
    assert "comes with ready features" in load_regions(ready, **BACKBONE, views="whole").missing
    imported = {**BACKBONE, "backbone": "imported:none"}
    assert (
        "imported:none" in load_regions(pictures, **imported, views="whole", store=tmp_path).missing
    )
    monkeypatch.setattr(module, "_free_memory", lambda: 1000)
    assert "--limit" in load_regions(pictures, **BACKBONE, views="whole", store=tmp_path).missing


def test_a_missing_view_fails_its_method_and_no_other(make_table, rng):
    table = make_table(80, n_labels=2)
    X = table.Y + rng.normal(size=table.Y.shape)
    folds = outer_folds(table, 2, 0)
    methods = select_methods(["regions", "brknn"])
    failed, fine = compare(X, table, methods, folds, regions=Regions(missing="too large"))
    assert failed.failed == "too large"
    assert not fine.failed


def test_the_best_region_counts(make_table, rng):
    table = make_table(240, n_labels=2)
    X = rng.normal(size=(240, 4, 6)).astype(np.float32)
    for row, label in np.argwhere(table.Y):
        X[row, rng.integers(4), label] += 4
    (method_result,) = compare(
        X.mean(axis=1),
        table,
        select_methods(["regions"]),
        outer_folds(table, 2, 0),
        regions=Regions(X, {"view": "made"}),
    )
    assert not method_result.failed
    assert method_result.features == {"view": "made"}
    assert (method_result.label_sets == table.Y[method_result.rows]).mean() > 0.8
