"""The company that the menagerie plants, found in the labels alone (no scene is drawn)."""

import numpy as np
import pytest

from catnocat.benchmarks.analysis.label_dependence import label_dependence
from catnocat.benchmarks.data.scenes import foes, friends
from catnocat.benchmarks.data.scenes.cooccurrence import draw_kinds
from catnocat.benchmarks.data.scenes.object_counts import draw_herds

LABELS = ["cat", "dog", "squirrel", "rabbit", "fox", "owl"]


def scenes(company, avoidance, n_scenes=1500):
    rng = np.random.default_rng(0)
    Y = np.zeros((n_scenes, len(LABELS)), dtype=np.uint8)
    for row in Y:
        herds = len(draw_herds(rng, 2.5, (1.0,), 0, 6))
        for kind in draw_kinds(rng, LABELS, herds, company, avoidance):
            row[LABELS.index(kind)] = 1
    return Y


@pytest.mark.slow
def test_friends_and_foes_are_found():
    found = label_dependence(scenes(4.0, 4.0), LABELS)["marginal"]
    signs = {
        frozenset(pair["labels"]): pair["correlation"]
        for pair in found["pairs"]
        if pair["p"] < 0.05
    }
    assert all(signs[frozenset(pair)] > 0.1 for pair in friends(LABELS))
    assert all(signs[frozenset(pair)] < -0.05 for pair in foes(LABELS))


@pytest.mark.slow
def test_without_company_nobody_keeps_any():
    assert label_dependence(scenes(0.0, 0.0), LABELS)["marginal"]["dependent"] == 0
