import numpy as np
import pytest

from catnocat.benchmarks.metrics import METRICS, Scorecard
from catnocat.benchmarks.significance import resample_metrics, selection_bias
from catnocat.benchmarks.significance.blocks import BlockFigures, divide
from catnocat.benchmarks.significance.fold_variance import spread_of


def test_folds_that_differ_by_their_images_alone_change_nothing(rng):
    stretched = 0
    for _ in range(400):
        by_fold = rng.normal(0, 0.02, size=(1, 5))
        stretched += spread_of(by_fold, 0.02**2 / 5, 0.25).stretch > 1.2
    assert stretched / 400 == pytest.approx(0.10, abs=0.04)


def test_a_fold_effect_is_seen_and_the_interval_then_covers(rng):
    hits = {True: 0, False: 0}
    for _ in range(300):
        by_fold = rng.normal(0, 0.05, size=5) + rng.normal(0, 0.01, size=5)
        spread = spread_of(by_fold[None], 0.01**2 / 5, 0.25)
        for wide in hits:
            stretch = spread.stretch if wide else np.sqrt(1.25)
            hits[wide] += abs(by_fold.mean()) <= 1.96 * stretch * 0.01 / np.sqrt(5)
    assert hits[False] / 300 < 0.5
    assert hits[True] / 300 > 0.9


def test_a_fold_that_jumps_takes_the_verdict_away():
    rng = np.random.default_rng(0)
    Y = (rng.random((500, 3)) < 0.3).astype(int)
    right = Y.copy()
    wrong = Y.copy()
    rows = rng.choice(100, 60, replace=False)  # all errors are in the first of five folds
    wrong[rows, 0] = 1 - wrong[rows, 0]
    cards = {"one": Scorecard(Y, right, right), "other": Scorecard(Y, wrong, wrong)}
    folds = np.column_stack([np.zeros(500, int), np.repeat(np.arange(5), 100)])
    blind = resample_metrics(cards, n_resamples=200, relative_test_size=0.25).against(
        {"other": "one"}
    )
    seeing = resample_metrics(cards, folds=folds, n_resamples=200, relative_test_size=0.25)
    assert blind["other"]["subset_accuracy"]["verdict"] == "worse"
    assert seeing.against({"other": "one"})["other"]["subset_accuracy"]["verdict"] == (
        "no difference"
    )


def test_repeats_are_partitions_of_their_own():
    folds = [[0, 0], [0, 1], [1, 2], [1, 3]]
    partitions = divide([7, 8, 7, 8], folds, seed=0)
    assert [[mask.tolist() for mask in partition] for partition in partitions] == [
        [[True, False, False, False], [False, True, False, False]],
        [[False, False, True, False], [False, False, False, True]],
    ]


def test_random_blocks_keep_units_together(rng):
    units = rng.integers(30, size=200)
    for partition in divide(units, None, seed=1):
        assert np.sum(partition, axis=0).tolist() == [1] * 200
        for mask in partition:
            assert not set(units[mask]) & set(units[~mask])


@pytest.mark.parametrize("key", ["macro_ap", "hamming_loss"])
def test_the_luck_of_the_best_of_many_is_estimated_without_bias(rng, key):
    column, sign = list(METRICS).index(key), METRICS[key].direction
    real, estimated = [], []
    for _ in range(200):
        folds = rng.normal(0, 0.05, size=(20, 5))
        inside = np.zeros((20, 1, 5, len(METRICS)))
        inside[:, 0, :, column] = sign * folds
        outside = (inside.sum(axis=2, keepdims=True) - inside) / 4
        methods = [BlockFigures(*pair) for pair in zip(inside, outside, strict=True)]
        real.append(folds.mean(axis=1).max())
        estimated.append(selection_bias(methods, key))
    assert np.mean(real) == pytest.approx(0.042, abs=0.002)
    assert np.mean(estimated) == pytest.approx(np.mean(real), rel=0.15)


def test_a_method_that_is_clearly_best_has_no_luck(rng):
    inside = rng.normal(0, 0.01, size=(20, 1, 5, len(METRICS)))
    inside[3] += 1
    outside = (inside.sum(axis=2, keepdims=True) - inside) / 4
    methods = [BlockFigures(*pair) for pair in zip(inside, outside, strict=True)]
    assert selection_bias(methods, "macro_ap") < 0.01
