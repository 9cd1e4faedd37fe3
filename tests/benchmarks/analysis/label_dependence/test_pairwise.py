import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import matthews_corrcoef, mutual_info_score

from catnocat.benchmarks.analysis.label_dependence import label_dependence
from catnocat.benchmarks.significance import holm

LABELS = ["cat", "dog", "squirrel", "fox"]


def by_labels(found):
    return {frozenset(pair["labels"]): pair for pair in found["marginal"]["pairs"]}


def test_pairs_agree_with_scikit_learn_and_scipy(rng):
    Y = (rng.random((300, 4)) < [0.4, 0.3, 0.2, 0.02]).astype(int)
    Y[:, 1] |= Y[:, 0] & (rng.random(300) < 0.3)
    known = rng.random(Y.shape) < 0.9
    found = by_labels(label_dependence(Y, LABELS, known=known))
    p = []
    for j in range(4):
        for k in range(j + 1, 4):
            seen = known[:, j] & known[:, k]
            a, b = Y[seen, j], Y[seen, k]
            pair = found[frozenset((LABELS[j], LABELS[k]))]
            assert pair["together"] == (a & b).sum()
            assert pair["expected"] == pytest.approx(a.sum() * b.mean(), abs=0.005)
            assert pair["correlation"] == pytest.approx(matthews_corrcoef(a, b), abs=1e-4)
            assert pair["mutual_information"] == pytest.approx(mutual_info_score(a, b), abs=1e-5)
            table = np.array([[((a == x) & (b == y)).sum() for y in (0, 1)] for x in (0, 1)])
            if stats.contingency.expected_freq(table).min() < 5:
                p.append(stats.fisher_exact(table).pvalue)
            else:
                p.append(
                    stats.chi2_contingency(table, correction=False, lambda_="log-likelihood").pvalue
                )
    assert sorted(pair["p"] for pair in found.values()) == pytest.approx(sorted(holm(p)))


def test_pairs_are_sorted_by_dependence(rng):
    Y = (rng.random((400, 4)) < 0.3).astype(int)
    Y[:, 3] = (1 - Y[:, 1]) * (rng.random(400) < 0.4)
    found = label_dependence(Y, LABELS)
    assert found["marginal"]["pairs"][0]["labels"] == ["dog", "fox"]
    assert found["marginal"]["pairs"][0]["correlation"] < -0.3
    assert found["marginal"]["tested"] == 6
    assert found["marginal"]["dependent"] == 1
    matrix = found["marginal"]["matrix"]
    assert matrix["labels"] == LABELS
    assert matrix["values"][1][3] == matrix["values"][3][1] < -0.3


def test_family_wise_error_rate():
    runs = 0
    for seed in range(100):
        Y = np.random.default_rng(seed).random((200, 5)) < [0.5, 0.3, 0.2, 0.05, 0.01]
        runs += label_dependence(Y, list("abcde"))["marginal"]["dependent"] > 0
    assert runs <= 9  # 5 expected at most


@pytest.mark.parametrize("grouped", [True, False])
def test_grouped_images_are_not_independent(grouped):
    """Independent labels that are equal in all ten images of a group."""
    wrong = 0
    for seed in range(60):
        Y = np.repeat(np.random.default_rng(seed).random((60, 2)) < 0.4, 10, axis=0)
        groups = np.repeat(np.arange(60), 10) if grouped else None
        wrong += label_dependence(Y, ["a", "b"], groups=groups)["marginal"]["dependent"]
    assert wrong <= 6 if grouped else wrong >= 20


def test_constant_label_is_not_tested(rng):
    Y = (rng.random((50, 3)) < 0.5).astype(int)
    Y[:, 1] = 0
    found = label_dependence(Y, ["a", "b", "c"])
    assert found["marginal"]["tested"] == 1
    assert found["marginal"]["matrix"]["values"][0][1] is None
