import numpy as np
import pytest

from catnocat.classifiers import best_threshold


def f1(yes, y, weight):
    return 2 * weight @ (yes & (y > 0)) / (weight @ yes + weight @ y)


def mistakes(yes, y, weight):
    return weight @ (yes != (y > 0))


@pytest.mark.parametrize("weighted", [False, True])
def test_no_threshold_does_better(rng, weighted):
    for _ in range(50):
        p = np.round(rng.random(12), 1)  # with equal ones among them
        y = (rng.random(12) < 0.4).astype(int)
        weight = rng.uniform(0.1, 2, 12) if weighted else np.ones(12)
        every = [p > line for line in np.append(p, -1)]
        yes = p > best_threshold(p, y, weight, aim="hamming")
        assert mistakes(yes, y, weight) == pytest.approx(
            min(mistakes(other, y, weight) for other in every)
        )
        if y.any():
            yes = p > best_threshold(p, y, weight, aim="f1")
            assert f1(yes, y, weight) == pytest.approx(max(f1(other, y, weight) for other in every))


def test_of_equal_thresholds_the_highest_is_taken():
    assert best_threshold([0.2, 0.6], [0, 0], aim="hamming") == 0.6


def test_as_many_a_yes_as_there_are_images():
    p = np.linspace(0, 1, 10)
    assert (p > best_threshold(p, [1, 0, 1, 0, 0, 0, 0, 0, 0, 1], aim="pcut")).sum() == 3


def test_an_unknown_aim_is_refused():
    with pytest.raises(ValueError, match="aim must be one of"):
        best_threshold([0.1], [1], aim="beauty")
