import hashlib

import numpy as np
import pytest

from catnocat.features.store.row_index import RowIndex


def digests(*numbers):
    return [hashlib.sha256(str(number).encode()).digest() for number in numbers]


def test_find_returns_rows_and_minus_one():
    index = RowIndex(digests(*range(100)))
    assert index.find(digests(99, 0, 100, 50)).tolist() == [99, 0, -1, 50]
    assert len(index) == 100
    assert digests(7)[0] in index
    assert digests(700)[0] not in index
    assert "no digest" not in index
    assert b"too short" not in index


def test_empty_index_contains_nothing():
    assert len(RowIndex()) == 0
    assert RowIndex().find([]).tolist() == []
    assert RowIndex().find(digests(1)).tolist() == [-1]


def test_first_of_duplicate_rows_is_found():
    index = RowIndex(digests(1, 2, 1))
    index.add(digests(2, 3, 3, 1), 3)
    assert index.find(digests(1, 2, 3)).tolist() == [0, 1, 4]
    assert len(index) == 3


def test_digests_with_a_common_start_are_distinguished():
    alike = [bytes(8) + bytes([number]) * 24 for number in range(5)]
    index = RowIndex(alike[:4])
    assert index.find(alike).tolist() == [0, 1, 2, 3, -1]


@pytest.mark.parametrize("many", [1, 10, 10_000])
def test_added_rows_are_found_for_any_sorting_interval(many, monkeypatch):
    monkeypatch.setattr("catnocat.features.store.row_index._MANY", many)
    everything = digests(*range(200))
    index = RowIndex(everything[:20])
    for start in range(20, 200, 9):
        index.add(everything[start : start + 9], start)
    assert np.array_equal(index.find(everything), np.arange(200))
    assert len(index) == 200
