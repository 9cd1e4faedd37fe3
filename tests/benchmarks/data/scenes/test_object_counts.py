import numpy as np
import pytest
from scipy.stats import chisquare, poisson

from catnocat.benchmarks.data.scenes.object_counts import (
    draw_herds,
    herd_probability,
    number_probabilities,
)

SIZES = (0.65, 0.25, 0.10)


def test_number_of_animals_is_the_stated_compound_poisson():
    """Convolve the herds' sizes one herd at a time, without the recursion."""
    expected, sizes_of_all = np.zeros(7), np.eye(1, 7)[0]
    for herds in range(7):
        expected += poisson.pmf(herds, 1.8) * sizes_of_all
        sizes_of_all = np.convolve(sizes_of_all, (0, *SIZES))[:7]
    assert herd_probability(1.8, SIZES, 0, 6) == pytest.approx(expected.sum())
    assert number_probabilities(1.8, SIZES, 0, 6) == pytest.approx(expected / expected.sum())
    inner = expected[2:5]
    assert number_probabilities(1.8, SIZES, 2, 4) == pytest.approx(inner / inner.sum())


def test_herds_of_one_are_a_plain_poisson():
    assert number_probabilities(2.0, (1.0,), 0, 30) == pytest.approx(poisson.pmf(range(31), 2.0))


def test_draws_follow_the_stated_probabilities(rng):
    drawn = [sum(draw_herds(rng, 1.8, SIZES, 1, 6)) for _ in range(5000)]
    expected = np.array(number_probabilities(1.8, SIZES, 1, 6)) * len(drawn)
    assert chisquare(np.bincount(drawn, minlength=7)[1:], expected).pvalue > 0.01


def test_default_leans_to_few_and_leaves_enough_of_one_two_of_a_kind_and_two_kinds(rng):
    scenes = [draw_herds(rng, 1.8, SIZES, 0, 6) for _ in range(3000)]
    assert sum(sizes == [1] for sizes in scenes) > 450
    assert sum(sizes == [2] for sizes in scenes) > 180
    assert sum(sizes == [1, 1] for sizes in scenes) > 250
    assert sum(sum(sizes) == 6 for sizes in scenes) > 90
