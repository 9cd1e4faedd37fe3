import numpy as np
import pytest

from catnocat.benchmarks.experiments.active_selection import STRATEGIES, paired_interval, simulate


@pytest.fixture
def data(make_table, rng):
    table = make_table(400, n_labels=3, split=["train"] * 250 + ["test"] * 150)
    X = np.hstack([2.0 * table.Y, np.zeros((400, 5))]) + rng.normal(size=(400, 8))
    return X.astype(np.float32), table


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_ends_at_the_same_value_once_all_images_are_labelled(data, strategy):
    X, table = data
    aps = simulate(X, table, strategy, start=20, steps=(50, 250))
    wanted = simulate(X, table, "random", start=250, steps=(250,))
    assert list(aps) == [50, 250]
    assert aps[250] == pytest.approx(wanted[250], abs=2e-3)
    assert aps[250] > 0.7


def test_strategies_start_from_the_same_images(data):
    X, table = data
    random, suggested = (
        simulate(X, table, name, start=60, steps=(60,), seed=3) for name in ("random", "suggest")
    )
    assert random == suggested


def test_paired_interval_contains_its_mean():
    mean, low, high = paired_interval([0.1, 0.3, 0.2, 0.2])
    assert mean == pytest.approx(0.2)
    # t(0.975, 3) = 3.182, standard deviation 0.0816, so 3.182 * 0.0816 / 2.
    assert high - mean == pytest.approx(0.1299, abs=1e-4)
    assert mean - low == pytest.approx(high - mean)
