import json

import numpy as np
import pytest
from scipy import stats

from catnocat.benchmarks.significance import (
    bayesian_signed_rank,
    compare_ranks,
    critical_difference,
)

# Demsar 2006, table 6: the ranks of four variants of C4.5 on 14 data sets.
DEMSAR = np.array(
    [
        [4, 3, 2, 1], [1, 2, 3, 4], [4, 1, 2, 3], [4, 1, 3, 2], [4, 2, 3, 1], [1, 2.5, 4, 2.5],
        [3, 2, 4, 1], [2.5, 2.5, 4, 1], [4, 3, 2, 1], [2.5, 2.5, 2.5, 2.5], [4, 2.5, 1, 2.5],
        [3, 2, 4, 1], [4, 1, 2, 3], [3, 1, 4, 2],
    ]
)  # fmt: skip
NAMES = ["C4.5", "C4.5+m", "C4.5+cf", "C4.5+m+cf"]


def test_compare_ranks_reproduces_the_example_of_the_paper():
    ranks = compare_ranks(DEMSAR, NAMES, higher_is_better=False)
    by_name = {method["name"]: method["rank"] for method in ranks["methods"]}
    assert by_name == pytest.approx(
        dict(zip(NAMES, (3.143, 2.0, 2.893, 1.964), strict=True)), abs=5e-4
    )
    # The paper's 9.28 and 3.69 are not corrected for ties; scipy's statistic is.
    expected = stats.friedmanchisquare(*DEMSAR.T)
    assert ranks["friedman"]["statistic"] == pytest.approx(expected.statistic)
    assert 9.28 < expected.statistic < 11
    f = 13 * expected.statistic / (14 * 3 - expected.statistic)
    assert ranks["iman_davenport"]["statistic"] == pytest.approx(f)
    assert ranks["iman_davenport"]["p"] < 0.05
    assert ranks["critical_difference"] == pytest.approx(1.25, abs=0.01)
    assert ranks["groups"] == [["C4.5+m+cf", "C4.5+m", "C4.5+cf", "C4.5"]]
    # There the paper finds plain C4.5 worse than both variants that tune m.
    lenient = compare_ranks(DEMSAR, NAMES, higher_is_better=False, level=0.9)
    assert lenient["critical_difference"] == pytest.approx(1.12, abs=0.01)
    assert lenient["groups"] == [["C4.5+m+cf", "C4.5+m", "C4.5+cf"], ["C4.5+cf", "C4.5"]]


def test_without_ties_it_is_scipy_s_friedman_test(rng):
    values = rng.random((12, 5))
    ranks = compare_ranks(values, "abcde")
    expected = stats.friedmanchisquare(*values.T)
    assert ranks["friedman"] == pytest.approx(
        {"statistic": expected.statistic, "p": expected.pvalue}
    )


def test_methods_that_always_tie_do_not_differ():
    ranks = compare_ranks(np.ones((5, 3)), "abc")
    assert ranks["friedman"] == ranks["iman_davenport"] == {"statistic": 0.0, "p": 1.0}


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
    ranks = compare_ranks(orders, "abcdef", higher_is_better=False)
    assert ranks["critical_difference"] == pytest.approx(1.19, abs=0.01)
    assert ranks["groups"] == [list(pair) for pair in ("ab", "bc", "cd", "de", "ef")]
    assert compare_ranks(orders[:, [0, 5]], "af")["groups"] == []
    assert ranks["iman_davenport"] == {"statistic": None, "p": 0.0}
    json.dumps(ranks, allow_nan=False)


def test_a_method_that_failed_somewhere_is_left_out(rng):
    values = rng.random((6, 3))
    values[2, 1] = np.nan
    ranks = compare_ranks(values, ["a", "b", "c"])
    assert ranks["left_out"] == ["b"]
    assert ranks["methods"] == compare_ranks(values[:, [0, 2]], ["a", "c"])["methods"]


def test_compare_ranks_rejects_invalid_tables(rng):
    with pytest.raises(ValueError, match="not 1 and 3"):
        compare_ranks(rng.random((1, 3)), "abc")
    with pytest.raises(ValueError, match="data sets x 2 methods"):
        compare_ranks(rng.random((4, 3)), "ab")


def by_loops(differences, rope, n_samples=2000):
    """Draw the weights and visit every pair of data sets, the pseudo data set first."""
    rng = np.random.default_rng(1)
    z = [0.0, *differences]
    wins = np.zeros(3)
    for weights in rng.dirichlet([0.5, *np.ones(len(differences))], n_samples):
        share = np.zeros(3)
        for a, wa in zip(z, weights, strict=True):
            for b, wb in zip(z, weights, strict=True):
                share[1 + ((a + b) / 2 > rope) - ((a + b) / 2 < -rope)] += wa * wb
        wins[share.argmax()] += 1
    return wins / n_samples


@pytest.mark.parametrize("shift", [-0.01, 0.0, 0.008, 0.03])
def test_signed_rank_equals_plain_loops(shift):
    differences = shift + np.random.default_rng(0).normal(0, 0.02, 8)
    ranks = bayesian_signed_rank(differences, rope=0.01)
    probabilities = [ranks[key] for key in ("left", "rope", "right")]
    assert probabilities == pytest.approx(by_loops(differences, 0.01), abs=0.04)
    assert sum(probabilities) == pytest.approx(1)


def test_signed_rank_of_large_differences_is_certain():
    assert bayesian_signed_rank(np.full(15, 0.2))["right"] > 0.999
    assert bayesian_signed_rank(np.full(15, -0.2))["left"] > 0.999
    assert bayesian_signed_rank(np.full(15, 0.002))["rope"] > 0.999


def test_signed_rank_is_antisymmetric(rng):
    differences = rng.normal(0.01, 0.02, 10)
    one, other = (bayesian_signed_rank(sign * differences) for sign in (1, -1))
    assert one["left"] == pytest.approx(other["right"])
    assert one == bayesian_signed_rank(differences)


def test_signed_rank_ignores_missing_differences():
    assert bayesian_signed_rank([0.1, np.nan, 0.2]) == bayesian_signed_rank([0.1, 0.2])
    with pytest.raises(ValueError, match="needs a difference"):
        bayesian_signed_rank([np.nan])
    with pytest.raises(ValueError, match="rope of at least 0"):
        bayesian_signed_rank([0.1], rope=-1)
