import numpy as np
import pytest

from catnocat.benchmarks.significance import Resamples
from catnocat.benchmarks.significance.resampling import partition_rows


def draw(*arguments, **options):
    return np.concatenate(list(Resamples(*arguments, **options)))


def test_a_resample_holds_as_many_units_as_there_are():
    weights = draw(np.arange(30), 250, seed=3)
    assert weights.shape == (250, 30)
    assert (weights.sum(axis=1) == 30).all()
    # Each unit is binomial: mean 1, variance 1 - 1 / n.
    assert weights.mean(axis=0) == pytest.approx(1, abs=0.35)
    assert weights.var() == pytest.approx(29 / 30, rel=0.05)


def test_rows_of_a_unit_are_drawn_together():
    weights = draw(["b", "a", "b", "c"], 200, seed=0)
    assert np.array_equal(weights[:, 0], weights[:, 2])
    assert (weights[:, [0, 1, 3]].sum(axis=1) == 3).all()


def test_resamples_depend_on_the_seed_only():
    assert np.array_equal(draw(np.arange(9), 130, seed=1), draw(np.arange(9), 130, seed=1))
    assert not np.array_equal(draw(np.arange(9), 130, seed=1), draw(np.arange(9), 130, seed=2))
    longer = draw(np.arange(9), 230, seed=1)
    assert not np.array_equal(longer[:100], longer[100:200])


def test_each_repeat_is_a_partition():
    folds = [[0, 0], [0, 1], [1, 2], [1, 3]]
    partitions = partition_rows([7, 8, 7, 8], folds, seed=0)
    assert [[mask.tolist() for mask in partition] for partition in partitions] == [
        [[True, False, False, False], [False, True, False, False]],
        [[False, False, True, False], [False, False, False, True]],
    ]


def test_random_blocks_keep_units_together(rng):
    units = rng.integers(30, size=200)
    for partition in partition_rows(units, None, seed=1):
        assert np.sum(partition, axis=0).tolist() == [1] * 200
        for mask in partition:
            assert not set(units[mask]) & set(units[~mask])
