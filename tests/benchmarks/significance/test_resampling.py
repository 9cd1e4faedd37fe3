import numpy as np
import pytest

from catnocat.benchmarks.significance import Resamples


def drawn(*arguments, **more):
    return np.concatenate(list(Resamples(*arguments, **more)))


def test_a_resample_holds_as_many_units_as_there_are():
    weights = drawn(np.arange(30), 250, seed=3)
    assert weights.shape == (250, 30)
    assert (weights.sum(axis=1) == 30).all()
    # Each unit is binomial: mean 1, variance 1 - 1 / n.
    assert weights.mean(axis=0) == pytest.approx(1, abs=0.35)
    assert weights.var() == pytest.approx(29 / 30, rel=0.05)


def test_what_belongs_together_is_drawn_together():
    weights = drawn(["b", "a", "b", "c"], 200, seed=0)
    assert np.array_equal(weights[:, 0], weights[:, 2])
    assert (weights[:, [0, 1, 3]].sum(axis=1) == 3).all()


def test_the_seed_decides_and_nothing_else():
    assert np.array_equal(drawn(np.arange(9), 130, seed=1), drawn(np.arange(9), 130, seed=1))
    assert not np.array_equal(drawn(np.arange(9), 130, seed=1), drawn(np.arange(9), 130, seed=2))
    longer = drawn(np.arange(9), 230, seed=1)
    assert not np.array_equal(longer[:100], longer[100:200])
