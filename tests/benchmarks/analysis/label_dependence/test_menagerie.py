"""The cooccurrence built into the menagerie is recovered from the labels (no scene is drawn)."""

import numpy as np
import pytest

from catnocat.benchmarks.analysis.label_dependence import label_dependence
from catnocat.benchmarks.data.scenes import cooccurring_pairs, exclusive_pairs
from catnocat.benchmarks.data.scenes.composition import draw_group_labels, draw_group_sizes

LABELS = ["cat", "dog", "squirrel", "rabbit", "fox", "owl"]


def scenes(cooccurrence, exclusion, n_scenes=1500):
    rng = np.random.default_rng(0)
    Y = np.zeros((n_scenes, len(LABELS)), dtype=np.uint8)
    for row in Y:
        n_groups = len(draw_group_sizes(rng, 2.5, (1.0,), 0, 6))
        for label in draw_group_labels(rng, LABELS, n_groups, cooccurrence, exclusion):
            row[LABELS.index(label)] = 1
    return Y


@pytest.mark.slow
def test_cooccurring_and_exclusive_pairs_are_found():
    found = label_dependence(scenes(4.0, 4.0), LABELS)["marginal"]
    signs = {
        frozenset(pair["labels"]): pair["correlation"]
        for pair in found["pairs"]
        if pair["p"] < 0.05
    }
    assert all(signs[frozenset(pair)] > 0.1 for pair in cooccurring_pairs(LABELS))
    assert all(signs[frozenset(pair)] < -0.05 for pair in exclusive_pairs(LABELS))


@pytest.mark.slow
def test_labels_are_independent_without_cooccurrence():
    assert label_dependence(scenes(0.0, 0.0), LABELS)["marginal"]["dependent"] == 0
