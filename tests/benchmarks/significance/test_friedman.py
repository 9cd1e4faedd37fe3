import json

import numpy as np
import pytest
from scipy import stats

from catnocat.benchmarks.significance import compare_ranks, critical_difference

# Demsar 2006, table 6: the ranks of four variants of C4.5 on 14 data sets.
DEMSAR = np.array(
    [
        [4, 3, 2, 1], [1, 2, 3, 4], [4, 1, 2, 3], [4, 1, 3, 2], [4, 2, 3, 1], [1, 2.5, 4, 2.5],
        [3, 2, 4, 1], [2.5, 2.5, 4, 1], [4, 3, 2, 1], [2.5, 2.5, 2.5, 2.5], [4, 2.5, 1, 2.5],
        [3, 2, 4, 1], [4, 1, 2, 3], [3, 1, 4, 2],
    ]
)  # fmt: skip
NAMES = ["C4.5", "C4.5+m", "C4.5+cf", "C4.5+m+cf"]


def test_the_example_of_the_paper():
    found = compare_ranks(DEMSAR, NAMES, higher_is_better=False)
    ranks = {method["name"]: method["rank"] for method in found["methods"]}
    assert ranks == pytest.approx(
        dict(zip(NAMES, (3.143, 2.0, 2.893, 1.964), strict=True)), abs=5e-4
    )
    # The paper's 9.28 and 3.69 are not corrected for ties; scipy's statistic is.
    expected = stats.friedmanchisquare(*DEMSAR.T)
    assert found["friedman"]["statistic"] == pytest.approx(expected.statistic)
    assert 9.28 < expected.statistic < 11
    f = 13 * expected.statistic / (14 * 3 - expected.statistic)
    assert found["iman_davenport"]["statistic"] == pytest.approx(f)
    assert found["iman_davenport"]["p"] < 0.05
    assert found["critical_difference"] == pytest.approx(1.25, abs=0.01)
    assert found["groups"] == [["C4.5+m+cf", "C4.5+m", "C4.5+cf", "C4.5"]]
    # There the paper finds plain C4.5 worse than both variants that tune m.
    lenient = compare_ranks(DEMSAR, NAMES, higher_is_better=False, level=0.9)
    assert lenient["critical_difference"] == pytest.approx(1.12, abs=0.01)
    assert lenient["groups"] == [["C4.5+m+cf", "C4.5+m", "C4.5+cf"], ["C4.5+cf", "C4.5"]]


def test_without_ties_it_is_scipy_s_friedman_test(rng):
    values = rng.random((12, 5))
    found = compare_ranks(values, "abcde")
    expected = stats.friedmanchisquare(*values.T)
    assert found["friedman"] == pytest.approx(
        {"statistic": expected.statistic, "p": expected.pvalue}
    )


def test_methods_that_always_tie_do_not_differ():
    found = compare_ranks(np.ones((5, 3)), "abc")
    assert found["friedman"] == found["iman_davenport"] == {"statistic": 0.0, "p": 1.0}


@pytest.mark.parametrize(
    ("n_methods", "quantile"),
    [(2, 1.960), (3, 2.343), (4, 2.569), (5, 2.728), (6, 2.850), (8, 3.031), (10, 3.164)],
)
def test_the_critical_values_are_those_of_the_paper(n_methods, quantile):
    # Table 5 (a), alpha = .05; rounded there.
    n_data_sets = 6
    expected = quantile * np.sqrt(n_methods * (n_methods + 1) / (6 * n_data_sets))
    assert critical_difference(n_methods, n_data_sets) == pytest.approx(expected, rel=1e-3)


def test_groups_are_the_longest_runs_and_none_holds_one_method():
    orders = np.tile([1, 2, 3, 4, 5, 6], (40, 1)).astype(float)
    found = compare_ranks(orders, "abcdef", higher_is_better=False)
    assert found["critical_difference"] == pytest.approx(1.19, abs=0.01)
    assert found["groups"] == [list(pair) for pair in ("ab", "bc", "cd", "de", "ef")]
    assert compare_ranks(orders[:, [0, 5]], "af")["groups"] == []
    assert found["iman_davenport"] == {"statistic": None, "p": 0.0}
    json.dumps(found, allow_nan=False)


def test_a_method_that_failed_somewhere_is_left_out(rng):
    values = rng.random((6, 3))
    values[2, 1] = np.nan
    found = compare_ranks(values, ["a", "b", "c"])
    assert found["left_out"] == ["b"]
    assert found["methods"] == compare_ranks(values[:, [0, 2]], ["a", "c"])["methods"]


def test_what_cannot_be_ranked_is_refused(rng):
    with pytest.raises(ValueError, match="not 1 and 3"):
        compare_ranks(rng.random((1, 3)), "abc")
    with pytest.raises(ValueError, match="data sets x 2 methods"):
        compare_ranks(rng.random((4, 3)), "ab")
