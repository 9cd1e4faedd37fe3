import numpy as np
import pytest

from catnocat.benchmarks.metrics import METRICS
from catnocat.benchmarks.significance import holm, selection_bias
from catnocat.benchmarks.significance.resampling import BlockMetrics


def test_holm_s_own_steps():
    # By hand: 4 * .005, 3 * .01, 2 * .03, then .04 lifted to the step before it.
    assert holm([0.01, 0.04, 0.03, 0.005]).tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_the_order_and_the_shape_do_not_matter(rng):
    p = rng.random((4, 5))
    shuffled = rng.permutation(20)
    assert np.array_equal(holm(p).ravel()[shuffled], holm(p.ravel()[shuffled]))


def test_nan_does_not_count_as_a_test():
    assert holm([np.nan, 0.02, np.nan]).tolist() == pytest.approx(
        [np.nan, 0.02, np.nan], nan_ok=True
    )
    assert holm([]).shape == (0,)


def test_a_p_is_never_lowered_and_never_above_one(rng):
    p = rng.random(50)
    assert (holm(p) >= p).all()
    assert holm(p).max() <= 1


@pytest.mark.parametrize("key", ["macro_ap", "hamming_loss"])
def test_selection_bias_of_the_best_of_many_is_estimated(rng, key):
    column, sign = list(METRICS).index(key), METRICS[key].direction
    actual, estimated = [], []
    for _ in range(200):
        folds = rng.normal(0, 0.05, size=(20, 5))
        inside = np.zeros((20, 1, 5, len(METRICS)))
        inside[:, 0, :, column] = sign * folds
        outside = (inside.sum(axis=2, keepdims=True) - inside) / 4
        methods = [BlockMetrics(*pair) for pair in zip(inside, outside, strict=True)]
        actual.append(folds.mean(axis=1).max())
        estimated.append(selection_bias(methods, key))
    assert np.mean(actual) == pytest.approx(0.042, abs=0.002)
    assert np.mean(estimated) == pytest.approx(np.mean(actual), rel=0.15)


def test_a_clearly_best_method_has_no_selection_bias(rng):
    inside = rng.normal(0, 0.01, size=(20, 1, 5, len(METRICS)))
    inside[3] += 1
    outside = (inside.sum(axis=2, keepdims=True) - inside) / 4
    methods = [BlockMetrics(*pair) for pair in zip(inside, outside, strict=True)]
    assert selection_bias(methods, "macro_ap") < 0.01
