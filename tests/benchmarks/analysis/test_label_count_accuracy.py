import json

import numpy as np
import pytest

from catnocat.benchmarks.analysis.method_comparison import (
    accuracy_by_label_count,
    wilson_interval,
)
from catnocat.benchmarks.evaluation.cross_validation import MethodResult
from catnocat.benchmarks.evaluation.methods import METHODS

TRUTH = [[1, 0, 0], [0, 1, 0], [1, 1, 0], [1, 1, 1], [1, 1, 1], [1, 1, 1]]


def outcome_of(sets, rows=None, name="logistic"):
    sets = np.array(sets, dtype=np.uint8)
    rows = np.arange(len(sets)) if rows is None else np.array(rows)
    return MethodResult(METHODS[name], rows, sets.astype(float), {"set": sets})


def test_each_number_of_labels_has_its_own_share(make_table):
    table = make_table(6, 3, Y=np.array(TRUTH, dtype=np.uint8))
    decided = np.array(TRUTH)
    decided[[0, 5]] = 0
    single = outcome_of([[1, 0, 0]] * 6, name="chain")
    failed = MethodResult(METHODS["mlknn"], failed="no")
    found = accuracy_by_label_count([outcome_of(decided), single, failed], table)
    assert found["bands"] == [
        {"labels": "1", "images": 2},
        {"labels": "2", "images": 1},
        {"labels": "3 or more", "images": 3},
        {"labels": "2 or more", "images": 4},
    ]
    values = {name: [one["value"] for one in shares] for name, shares in found["methods"].items()}
    assert values == {"logistic": [0.5, 1, 0.66667, 0.75], "chain": [0.5, 0, 0, 0]}
    for shares in found["methods"].values():
        assert all(one["low"] <= one["value"] <= one["high"] for one in shares)
    json.dumps(found, allow_nan=False)


def test_images_without_any_label_are_a_band_where_there_are_some(make_table):
    table = make_table(2, 3, Y=np.array([[0, 0, 0], [1, 0, 0]], dtype=np.uint8))
    found = accuracy_by_label_count([outcome_of([[0, 0, 0], [0, 0, 0]])], table)
    assert [band["labels"] for band in found["bands"]] == ["0", "1"]
    assert [one["value"] for one in found["methods"]["logistic"]] == [1, 0]


def test_unknown_labels_neither_count_nor_are_judged(make_table):
    known = np.ones((6, 3), dtype=bool)
    known[3, 2] = False  # two known labels are left
    known[4] = False  # nothing is known
    table = make_table(6, 3, Y=np.array(TRUTH, dtype=np.uint8) * known, known=known)
    decided = np.array(TRUTH)
    decided[3, 2] = 0
    found = accuracy_by_label_count([outcome_of(decided)], table)
    assert [band["images"] for band in found["bands"]] == [2, 2, 1, 3]
    assert [one["value"] for one in found["methods"]["logistic"]] == [1, 1, 1, 1]


def test_an_image_tested_twice_is_one_image_in_the_interval(make_table):
    table = make_table(6, 3, Y=np.array(TRUTH, dtype=np.uint8)).take([0, 1, 0, 1])
    found = accuracy_by_label_count([outcome_of([[1, 0, 0]] * 4, rows=[0, 1, 0, 1])], table)
    assert found["bands"] == [{"labels": "1", "images": 2}]
    low, high = wilson_interval(0.5, 2)
    one = found["methods"]["logistic"][0]
    assert (one["low"], one["high"]) == (
        pytest.approx(low, abs=1e-5),
        pytest.approx(high, abs=1e-5),
    )


def test_the_interval_is_that_of_scipy():
    from scipy.stats import binomtest

    for right, n in ((0, 5), (3, 7), (40, 40), (200, 1000)):
        expected = binomtest(right, n).proportion_ci(method="wilson")
        np.testing.assert_allclose(
            wilson_interval(right / n, n), (expected.low, expected.high), atol=1e-12
        )
