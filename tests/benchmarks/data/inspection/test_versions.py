"""Versions of images by all signals, with any feature space."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import ImageOps

from catnocat.benchmarks import load_dataset
from catnocat.benchmarks.data.inspection import find_versions, rows_to_drop
from catnocat.benchmarks.data.inspection import neighbors as neighbors_module
from catnocat.benchmarks.data.inspection.neighbors import neighbor_pairs, whitened


def ready(make_table, X, **more):
    table = make_table(len(X), **more)
    return replace(table, X=X, paths=[""] * len(X))


@pytest.fixture(name="X")
def features(rng):
    """Make 200 rows that share a large mean: all cosines are above 0.9."""
    return (10 + rng.normal(size=(200, 30))).astype(np.float32)


def test_a_large_common_mean_makes_no_versions(make_table, X):
    unit = X / np.linalg.norm(X, axis=1, keepdims=True)
    assert (unit @ unit.T).min() > 0.9
    assert find_versions(ready(make_table, X), X).links == ()


@pytest.mark.parametrize("dimensions", [2, 3, 5, 10, 40])
def test_random_rows_of_few_dimensions_are_no_versions(make_table, rng, dimensions):
    X = rng.normal(size=(400, dimensions)).astype(np.float32)
    assert len(find_versions(ready(make_table, X), X).links) <= 1


@pytest.mark.parametrize("scale", [1e-3, 1, 1e4])
def test_nearly_equal_rows_are_found_at_any_scale(make_table, X, rng, scale):
    X[7] = X[3] + 0.05 * rng.normal(size=30)
    X[9] = X[5]
    versions = find_versions(ready(make_table, scale * X), scale * X)
    assert [(link.first, link.second, link.signal) for link in versions.links] == [
        (5, 9, "bytes"),
        (3, 7, "vectors"),
    ]
    assert versions.groups == [[3, 7], [5, 9]]


def test_classic_tables_keep_their_rows(data):
    for name, most in (("emotions", 5), ("yeast", 5), ("scene", 40)):
        table = load_dataset(str(data / "tabular" / name))
        versions = find_versions(table, table.X)
        assert len(rows_to_drop(versions, table.split)) <= most


def test_copies_to_drop_are_training_rows_else_all_but_the_first(make_table, X):
    X[7] = X[3]
    X[8] = X[3]
    split = np.array(["train"] * 8 + ["test"] * 192)
    versions = find_versions(ready(make_table, X), X)
    assert [copy.row for copy in rows_to_drop(versions)] == [7, 8]
    assert [(copy.row, copy.of) for copy in rows_to_drop(versions, split)] == [(3, 8), (7, 8)]


def test_few_or_equal_or_unusable_rows_do_no_harm(make_table):
    for X in (np.zeros((1, 3)), np.zeros((3, 3)), np.eye(2), np.full((4, 2), np.nan)):
        X = X.astype(np.float32)
        find_versions(ready(make_table, X), X, [None] * len(X))


def test_cells_find_what_blocks_find(X, rng, monkeypatch):
    X[100:] = X[:100] + 0.05 * rng.normal(size=(100, 30))
    whole = neighbor_pairs(whitened(X))
    monkeypatch.setattr(neighbors_module, "_CELLS_FROM", 50)
    cells = neighbor_pairs(whitened(X))

    def pairs(found):
        return {(a, b) for a, b in zip(found.first, found.second, strict=True) if b == a + 100}

    assert len(pairs(whole)) == 100
    assert len(pairs(cells)) >= 95


@pytest.fixture
def pictures(tmp_path, make_table, scene, rng):
    """Write 40 scenes, a mirrored version of the first 12, and vectors that know of each other."""
    X = rng.normal(size=(52, 16)).astype(np.float32)
    for row in range(52):
        image = scene(row % 40)
        (image if row < 40 else ImageOps.mirror(image)).save(tmp_path / f"{row:02}x.png")
    X[40:] = X[:12] + 0.4 * rng.normal(size=(12, 16))
    names = [f"{row:02}x.png" for row in range(52)]
    return replace(make_table(52), paths=[str(tmp_path / name) for name in names]), X


def test_images_are_registered(pictures):
    table, X = pictures
    Y = table.Y.copy()
    Y[40:] = Y[:12]
    versions = find_versions(replace(table, Y=Y), X, n_jobs=1)
    assert versions.groups == [[row, 40 + row] for row in range(12)]
    assert {link.signal for link in versions.links} == {"images"}
    assert versions.background == 0


def test_a_shared_background_with_other_labels_is_no_version(pictures):
    table, X = pictures
    Y = np.zeros_like(table.Y)
    Y[40:] = 1
    versions = find_versions(replace(table, Y=Y), X, n_jobs=1)
    assert versions.links == ()
    assert versions.background == 12
