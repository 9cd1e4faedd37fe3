import numpy as np
import pytest

from catnocat.benchmarks.inspection import drop_duplicates_across_splits
from catnocat.benchmarks.inspection.duplicates import nearest_pairs

SPLIT = ["train", "train", "test", "train", "test"]


@pytest.fixture(name="X")
def features():
    """Rows 0 and 2 are nearly the same, and so are 1 and 3; 4 is like none."""
    return np.array([[1, 0, 0], [0, 1, 0], [1, 0.1, 0], [0, 1, 0.1], [0, 0, 1]], dtype=np.float32)


def test_training_copies_of_judged_pictures_go(make_table, X):
    table = make_table(5, split=SPLIT)
    assert drop_duplicates_across_splits(table, X).tolist() == [1, 2, 3, 4]
    assert drop_duplicates_across_splits(table, X, near=0.999).tolist() == [0, 1, 2, 3, 4]
    kept = drop_duplicates_across_splits(table, X, list("abcda"), near=None)
    assert kept.tolist() == [1, 2, 3, 4]


def test_without_a_split_the_first_stays(make_table, X):
    table = make_table(5)
    assert drop_duplicates_across_splits(table, X).tolist() == [0, 1, 4]
    assert drop_duplicates_across_splits(table, X, list("aabcc"), near=None).tolist() == [0, 2, 3]


def test_unreadable_pictures_are_no_copies_of_each_other(make_table, X):
    kept = drop_duplicates_across_splits(make_table(5), X, [None] * 5, near=None)
    assert kept.tolist() == [0, 1, 2, 3, 4]


def test_blocks_do_not_change_what_is_found(make_table, monkeypatch, rng):
    X = rng.normal(size=(60, 5)).astype(np.float32)
    table = make_table(60, split=(["train"] * 2 + ["test"]) * 20)
    whole = [
        (nearest_pairs(X, split, 0.8), drop_duplicates_across_splits(one, X, near=0.8).tolist())
        for one, split in ((table, table.split), (make_table(60), None))
    ]
    assert all(pairs and len(kept) < 60 for pairs, kept in whole)
    monkeypatch.setattr("catnocat.benchmarks.inspection.duplicates._BLOCK", 7)
    for (one, split), (pairs, kept) in zip(
        ((table, table.split), (make_table(60), None)), whole, strict=True
    ):
        again = nearest_pairs(X, split, 0.8)
        assert [(p.first, p.second) for p in again] == [(p.first, p.second) for p in pairs]
        assert drop_duplicates_across_splits(one, X, near=0.8).tolist() == kept


def test_pairs_are_those_of_a_plain_loop(rng):
    X = rng.normal(size=(40, 4)).astype(np.float32)
    split = np.array((["train"] * 3 + ["test"]) * 10)
    unit = X / np.linalg.norm(X, axis=1, keepdims=True)
    expected = {}
    for test in np.flatnonzero(split == "test"):
        train = max(np.flatnonzero(split == "train"), key=lambda row: unit[row] @ unit[test])
        if unit[train] @ unit[test] >= 0.7:
            expected[test] = train
    assert expected
    assert {pair.second: pair.first for pair in nearest_pairs(X, split, 0.7)} == expected


def test_a_row_of_zeros_is_like_nothing():
    assert nearest_pairs(np.zeros((3, 2))) == []
