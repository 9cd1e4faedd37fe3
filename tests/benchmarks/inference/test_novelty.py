"""The flag of images that are unlike the training images."""

import numpy as np
import pytest

from catnocat.benchmarks.inference.novelty import FALSE_FLAG_RATE, fit_novelty_detector


def features(n, seed, shift=0.0):
    rng = np.random.default_rng(seed)
    X = np.abs(rng.normal(size=(n, 32))).astype(np.float32)
    X[:, :4] += shift
    return X


def test_stated_rate_of_false_flags_holds_for_new_images():
    rates = [
        fit_novelty_detector(features(600, seed)).flag(features(4000, 1000 + seed)).mean()
        for seed in range(20)
    ]
    standard_error = np.std(rates, ddof=1) / np.sqrt(len(rates))
    assert np.mean(rates) - 3 * standard_error <= FALSE_FLAG_RATE
    assert np.mean(rates) > FALSE_FLAG_RATE / 4  # the bound is used, not avoided


def test_images_of_another_kind_are_flagged():
    detector = fit_novelty_detector(features(600, 0))
    assert detector.flag(features(500, 1, shift=6.0)).mean() > 0.95


def test_too_few_images_give_no_detector():
    assert fit_novelty_detector(features(150, 0)) is None
    assert fit_novelty_detector(features(0, 0)) is None
    assert fit_novelty_detector(features(200, 0)) is not None


def test_detector_is_small_and_takes_regions():
    X = features(3000, 0).reshape(3000, 4, 8)
    detector = fit_novelty_detector(X)
    assert detector.references.shape == (500, 32)
    assert detector.references.dtype == np.float16
    assert detector.flag(X[:10]).shape == (10,)
    assert detector.distances(np.zeros((1, 4, 8))) == pytest.approx(1)
