from itertools import combinations

import numpy as np
import pytest
from scipy.stats import chi2_contingency, chisquare

from catnocat.benchmarks.data.scenes.cooccurrence import draw_kinds, foes, friends

LABELS = ["cat", "dog", "squirrel", "rabbit", "fox", "owl"]


def presence(company, avoidance, n_scenes=6000, herds=1.8):
    """Draw which labels are in each of many scenes."""
    rng = np.random.default_rng(7)
    Y = np.zeros((n_scenes, len(LABELS)), dtype=int)
    for row in Y:
        for kind in draw_kinds(rng, LABELS, rng.poisson(herds), company, avoidance):
            row[LABELS.index(kind)] = 1
    return Y


def p_values(Y):
    """Test each pair of labels for independence."""
    return {
        (LABELS[i], LABELS[j]): chi2_contingency(
            np.histogram2d(Y[:, i], Y[:, j], bins=2)[0], correction=False
        ).pvalue
        for i, j in combinations(range(len(LABELS)), 2)
    }


def odds_ratio(Y, pair):
    a, b = (Y[:, LABELS.index(label)] for label in pair)
    both, neither = np.sum(a & b), np.sum(1 - (a | b))
    return both * neither / (np.sum(a & (1 - b)) * np.sum(b & (1 - a)))


def test_without_company_labels_are_independent():
    assert min(p_values(presence(0, 0)).values()) > 0.01 / 15


def test_friends_keep_company_and_foes_avoid_each_other():
    Y = presence(6, 9)
    assert min(odds_ratio(Y, pair) for pair in friends(LABELS)) > 2
    assert max(odds_ratio(Y, pair) for pair in foes(LABELS)) < 0.5


@pytest.mark.parametrize(("company", "avoidance"), [(6, 0), (0, 9)])
def test_each_strength_acts_on_its_own_pairs(company, avoidance):
    Y = presence(company, avoidance)
    bound, free = (friends, foes) if company else (foes, friends)
    assert max(p_values(Y)[tuple(sorted(pair, key=LABELS.index))] for pair in bound(LABELS)) < 1e-6
    away_from_one = [abs(np.log(odds_ratio(Y, pair))) for pair in free(LABELS)]
    assert max(away_from_one) < min(abs(np.log(odds_ratio(Y, pair))) for pair in bound(LABELS))


def test_all_labels_are_equally_frequent_whatever_the_strengths():
    Y = presence(6, 9)
    assert chisquare(Y.sum(axis=0)).pvalue > 0.01


def test_the_second_herd_is_drawn_with_the_stated_weights(rng):
    pairs = [draw_kinds(rng, LABELS, 2, 4, 3) for _ in range(8000)]
    after_cat = [second for first, second in pairs if first == "cat"]
    # friend of the cat: the dog; foe: the owl; the others, the cat too, weigh 1
    weights = np.array([1, 5, 1, 1, 1, 0.25])
    counts = [after_cat.count(label) for label in LABELS]
    assert chisquare(counts, len(after_cat) * weights / weights.sum()).pvalue > 0.01


def test_everyone_has_one_friend_and_one_foe():
    for pairs in (friends(LABELS), foes(LABELS)):
        assert sorted(label for pair in pairs for label in pair) == sorted(LABELS)


@pytest.mark.parametrize("labels", [[], ["cat"], ["cat", "dog"], ["cat", "dog", "squirrel"]])
def test_a_short_ring_stays_open(labels):
    pairs = [frozenset(pair) for pair in friends(labels) + foes(labels)]
    assert len(pairs) == len(set(pairs)) == max(0, len(labels) - 1)
