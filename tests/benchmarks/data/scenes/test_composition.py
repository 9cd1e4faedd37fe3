from itertools import combinations

import numpy as np
import pytest
from scipy.stats import chi2_contingency, chisquare, poisson

from catnocat.benchmarks.data.scenes.composition import (
    animal_count_probabilities,
    cooccurring_pairs,
    draw_group_labels,
    draw_group_sizes,
    exclusive_pairs,
    probability_within_bounds,
)

LABELS = ["cat", "dog", "squirrel", "rabbit", "fox", "owl"]


def presence(cooccurrence, exclusion, n_scenes=6000, mean_groups=1.8):
    """Draw the label matrix of many scenes."""
    rng = np.random.default_rng(7)
    Y = np.zeros((n_scenes, len(LABELS)), dtype=int)
    for row in Y:
        for label in draw_group_labels(
            rng, LABELS, rng.poisson(mean_groups), cooccurrence, exclusion
        ):
            row[LABELS.index(label)] = 1
    return Y


def p_values(Y):
    """Return the p-value of independence of each pair of labels."""
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


def test_without_cooccurrence_labels_are_independent():
    assert min(p_values(presence(0, 0)).values()) > 0.01 / 15


def test_odds_ratios_of_cooccurring_and_exclusive_pairs():
    Y = presence(6, 9)
    assert min(odds_ratio(Y, pair) for pair in cooccurring_pairs(LABELS)) > 2
    assert max(odds_ratio(Y, pair) for pair in exclusive_pairs(LABELS)) < 0.5


@pytest.mark.parametrize(("cooccurrence", "exclusion"), [(6, 0), (0, 9)])
def test_each_strength_affects_its_own_pairs(cooccurrence, exclusion):
    Y = presence(cooccurrence, exclusion)
    pairs = (cooccurring_pairs, exclusive_pairs)
    dependent, independent = pairs if cooccurrence else pairs[::-1]
    assert (
        max(p_values(Y)[tuple(sorted(pair, key=LABELS.index))] for pair in dependent(LABELS)) < 1e-6
    )
    log_odds_ratios = [abs(np.log(odds_ratio(Y, pair))) for pair in independent(LABELS)]
    assert max(log_odds_ratios) < min(
        abs(np.log(odds_ratio(Y, pair))) for pair in dependent(LABELS)
    )


def test_all_labels_are_equally_frequent():
    Y = presence(6, 9)
    assert chisquare(Y.sum(axis=0)).pvalue > 0.01


def test_the_second_group_is_drawn_with_the_stated_weights(rng):
    pairs = [draw_group_labels(rng, LABELS, 2, 4, 3) for _ in range(8000)]
    after_cat = [second for first, second in pairs if first == "cat"]
    # The dog cooccurs with the cat, the owl excludes it; all others, also the cat, have weight 1.
    weights = np.array([1, 5, 1, 1, 1, 0.25])
    counts = [after_cat.count(label) for label in LABELS]
    assert chisquare(counts, len(after_cat) * weights / weights.sum()).pvalue > 0.01


def test_every_label_has_one_pair_of_each_type():
    for pairs in (cooccurring_pairs(LABELS), exclusive_pairs(LABELS)):
        assert sorted(label for pair in pairs for label in pair) == sorted(LABELS)


@pytest.mark.parametrize("labels", [[], ["cat"], ["cat", "dog"], ["cat", "dog", "squirrel"]])
def test_a_short_ring_stays_open(labels):
    pairs = [frozenset(pair) for pair in cooccurring_pairs(labels) + exclusive_pairs(labels)]
    assert len(pairs) == len(set(pairs)) == max(0, len(labels) - 1)


SIZES = (0.65, 0.25, 0.10)


def test_number_of_animals_is_compound_poisson():
    """Compare with a convolution of the group sizes, one group at a time."""
    expected, size_distribution = np.zeros(7), np.eye(1, 7)[0]
    for n_groups in range(7):
        expected += poisson.pmf(n_groups, 1.8) * size_distribution
        size_distribution = np.convolve(size_distribution, (0, *SIZES))[:7]
    assert probability_within_bounds(1.8, SIZES, 0, 6) == pytest.approx(expected.sum())
    assert animal_count_probabilities(1.8, SIZES, 0, 6) == pytest.approx(expected / expected.sum())
    inner = expected[2:5]
    assert animal_count_probabilities(1.8, SIZES, 2, 4) == pytest.approx(inner / inner.sum())


def test_groups_of_one_are_a_poisson_variable():
    assert animal_count_probabilities(2.0, (1.0,), 0, 30) == pytest.approx(
        poisson.pmf(range(31), 2.0)
    )


def test_drawn_sizes_follow_the_probabilities(rng):
    drawn = [sum(draw_group_sizes(rng, 1.8, SIZES, 1, 6)) for _ in range(5000)]
    expected = np.array(animal_count_probabilities(1.8, SIZES, 1, 6)) * len(drawn)
    assert chisquare(np.bincount(drawn, minlength=7)[1:], expected).pvalue > 0.01


def test_default_has_enough_scenes_of_every_small_composition(rng):
    scenes = [draw_group_sizes(rng, 1.8, SIZES, 0, 6) for _ in range(3000)]
    assert sum(sizes == [1] for sizes in scenes) > 450
    assert sum(sizes == [2] for sizes in scenes) > 180
    assert sum(sizes == [1, 1] for sizes in scenes) > 250
    assert sum(sum(sizes) == 6 for sizes in scenes) > 90
