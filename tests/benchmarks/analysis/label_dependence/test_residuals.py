import numpy as np
import pytest

from catnocat.benchmarks.analysis.label_dependence.pairwise import correlate_residuals


@pytest.mark.parametrize("top", [0.9, 0.2, 0.06, 0.02])
def test_error_rate_for_independent_rare_labels(top):
    """500 pairs of labels with known probabilities that differ between images."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(500):
        chance = rng.random((300, 1)) * np.full(2, top)
        Y = (rng.random(chance.shape) < chance).astype(float)
        found.append(correlate_residuals(Y, chance, np.ones_like(Y))[1][0, 1])
    assert np.mean(np.array(found) < 0.05) <= 0.075
    assert np.mean(np.array(found) < 0.005) <= 0.016


def test_dependence_between_rare_labels_is_found():
    Y, chance = np.zeros((2, 1000, 2))
    chance[:] = 0.01
    Y[:8] = 1  # expected together: a tenth of an image
    Y[8:12, 0] = Y[12:16, 1] = 1
    correlation, p = correlate_residuals(Y, chance, np.ones_like(Y))
    assert p[0, 1] < 1e-6
    assert correlation[0, 1] > 0.5


def test_groups_of_one_image_have_no_effect(rng):
    chance = rng.random((200, 3))
    Y = (rng.random(chance.shape) < chance).astype(float)
    known = (rng.random(chance.shape) < 0.8).astype(float)
    alone = correlate_residuals(Y, chance, known)
    grouped = correlate_residuals(Y, chance, known, rng.permutation(200))
    assert np.allclose(alone, grouped)  # no pair is rare here


def test_unknown_values_are_ignored(rng):
    chance = rng.random((200, 2))
    Y = (rng.random(chance.shape) < chance).astype(float)
    known = (rng.random(chance.shape) < 0.8).astype(float)
    other = np.where(known > 0, Y, 1 - Y)
    assert np.allclose(
        correlate_residuals(Y, chance, known), correlate_residuals(other, chance, known)
    )
