from itertools import combinations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from catnocat.benchmarks.analysis.label_count.matched_prevalence import chance_ap, compute_metrics


def test_metrics_are_means_over_all_draws(rng):
    positive = np.arange(23) < 6
    scores = np.round(rng.normal(size=23) + positive, 1)  # with ties
    values = compute_metrics(positive, scores, np.ones((1, 23)))
    assert values["auroc"][0] == pytest.approx(roc_auc_score(positive, scores))
    every = [
        average_precision_score(positive[rows], scores[rows])
        for with_it in combinations(range(6), 5)
        for without in list(combinations(range(6, 23), 15))
        for rows in [[*with_it, *without]]
    ]
    assert values["ap"][0] == pytest.approx(np.mean(every))


def test_weights_are_multiplicities(rng):
    positive, scores = rng.random(40) < 0.4, rng.normal(size=40)
    weights = rng.integers(0, 4, size=(3, 40)).astype(float)
    values = compute_metrics(positive, scores, weights)
    for number, weight in enumerate(weights):
        rows = np.repeat(np.arange(40), weight.astype(int))
        copied = compute_metrics(positive[rows], scores[rows], np.ones((1, len(rows))))
        for key in values:
            assert values[key][number] == pytest.approx(copied[key][0])


@pytest.mark.parametrize(("with_it", "without"), [(5, 15), (8, 200), (60, 40)])
def test_chance_level_does_not_depend_on_prevalence(rng, with_it, without):
    n = with_it + without
    drawn = [
        compute_metrics(np.arange(n) < with_it, rng.random(n), np.ones((1, n)))["ap"][0]
        for _ in range(1500)
    ]
    assert np.mean(drawn) == pytest.approx(chance_ap(), abs=0.012)


def test_too_few_images_give_nan():
    values = compute_metrics(np.arange(10) < 4, np.arange(10.0), np.ones((1, 10)))
    assert values["auroc"][0] == 0
    assert np.isnan(values["ap"][0])
    assert np.isnan(compute_metrics(np.zeros(9, bool), np.arange(9.0), np.ones((1, 9)))["auroc"][0])
