import numpy as np
import pytest

from catnocat.benchmarks.significance import holm


def test_holm_s_own_steps():
    # By hand: 4 * .005, 3 * .01, 2 * .03, then .04 lifted to the step before it.
    assert holm([0.01, 0.04, 0.03, 0.005]).tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_the_order_and_the_shape_do_not_matter(rng):
    p = rng.random((4, 5))
    shuffled = rng.permutation(20)
    assert np.array_equal(holm(p).ravel()[shuffled], holm(p.ravel()[shuffled]))


def test_what_was_not_tested_does_not_count():
    assert holm([np.nan, 0.02, np.nan]).tolist() == pytest.approx(
        [np.nan, 0.02, np.nan], nan_ok=True
    )
    assert holm([]).shape == (0,)


def test_a_p_is_never_lowered_and_never_above_one(rng):
    p = rng.random(50)
    assert (holm(p) >= p).all()
    assert holm(p).max() <= 1
