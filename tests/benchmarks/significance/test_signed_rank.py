import numpy as np
import pytest

from catnocat.benchmarks.significance import bayesian_signed_rank


def by_loops(differences, rope, n_samples=2000):
    """Draw the weights and visit every pair of data sets, the imagined one first."""
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
def test_it_is_what_plain_loops_give(shift):
    differences = shift + np.random.default_rng(0).normal(0, 0.02, 8)
    found = bayesian_signed_rank(differences, rope=0.01)
    reached = [found[key] for key in ("left", "rope", "right")]
    assert reached == pytest.approx(by_loops(differences, 0.01), abs=0.04)
    assert sum(reached) == pytest.approx(1)


def test_clear_cases():
    assert bayesian_signed_rank(np.full(15, 0.2))["right"] > 0.999
    assert bayesian_signed_rank(np.full(15, -0.2))["left"] > 0.999
    assert bayesian_signed_rank(np.full(15, 0.002))["rope"] > 0.999


def test_turning_the_sign_turns_the_answer(rng):
    differences = rng.normal(0.01, 0.02, 10)
    one, other = (bayesian_signed_rank(sign * differences) for sign in (1, -1))
    assert one["left"] == pytest.approx(other["right"])
    assert one == bayesian_signed_rank(differences)


def test_a_missing_difference_is_no_data_set():
    assert bayesian_signed_rank([0.1, np.nan, 0.2]) == bayesian_signed_rank([0.1, 0.2])
    with pytest.raises(ValueError, match="needs a difference"):
        bayesian_signed_rank([np.nan])
    with pytest.raises(ValueError, match="rope of at least 0"):
        bayesian_signed_rank([0.1], rope=-1)
