import numpy as np
import pytest
from scipy.special import expit


@pytest.fixture
def make_world():
    """Return a function that draws labels with known probabilities.

    The labels share a feature, so that they are always marginally dependent. Given the features,
    only the pairs (0, 1), (2, 3) ... are dependent, with the given strength.
    """

    def make(n_images, n_labels, strength, seed=0):
        rng = np.random.default_rng(seed)
        odds = rng.normal(-1.0, 0.8, (n_images, n_labels)) + rng.normal(0, 0.8, (n_images, 1))
        Y = np.zeros((n_images, n_labels), dtype=np.uint8)
        for label in range(n_labels):
            shift = strength * (Y[:, label - 1] - 0.3) if label % 2 else 0.0
            Y[:, label] = rng.random(n_images) < expit(odds[:, label] + shift)
        return Y, expit(odds), [f"label{label}" for label in range(n_labels)]

    return make
