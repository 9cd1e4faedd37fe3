"""Evaluation of the flag of images that are unlike the training images."""

import numpy as np
import pytest

from catnocat.benchmarks.experiments.novelty import evaluate_detector


def test_separable_kinds_have_auroc_1_and_equal_ones_chance_level():
    rng = np.random.default_rng(0)
    known = rng.normal(1, 0.2, size=(600, 16)).astype(np.float32)
    same = rng.normal(1, 0.2, size=(600, 16)).astype(np.float32)
    figures = evaluate_detector(known, -known, n_halves=2)
    assert figures["auroc"] == (1, 0)
    assert figures["flagged_other"] == (1, 0)
    assert figures["flagged_known"][0] < 0.05
    assert evaluate_detector(known, same, n_halves=5)["auroc"][0] == pytest.approx(0.5, abs=0.05)
