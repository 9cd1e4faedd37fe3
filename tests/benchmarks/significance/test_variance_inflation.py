import numpy as np
import pytest

from catnocat.benchmarks.metrics import Scorecard
from catnocat.benchmarks.significance import resample_metrics
from catnocat.benchmarks.significance.confidence_intervals import inflate_variance


def test_homogeneous_folds_do_not_inflate_the_variance(rng):
    stretched = 0
    for _ in range(400):
        by_fold = rng.normal(0, 0.02, size=(1, 5))
        stretched += inflate_variance(by_fold, 0.02**2 / 5, 0.25).stretch > 1.2
    assert stretched / 400 == pytest.approx(0.10, abs=0.04)


def test_the_interval_covers_if_models_differ_between_folds(rng):
    hits = {True: 0, False: 0}
    for _ in range(300):
        by_fold = rng.normal(0, 0.05, size=5) + rng.normal(0, 0.01, size=5)
        inflation = inflate_variance(by_fold[None], 0.01**2 / 5, 0.25)
        for wide in hits:
            stretch = inflation.stretch if wide else np.sqrt(1.25)
            hits[wide] += abs(by_fold.mean()) <= 1.96 * stretch * 0.01 / np.sqrt(5)
    assert hits[False] / 300 < 0.5
    assert hits[True] / 300 > 0.9


def test_a_difference_from_one_fold_is_not_significant():
    rng = np.random.default_rng(0)
    Y = (rng.random((500, 3)) < 0.3).astype(int)
    right = Y.copy()
    wrong = Y.copy()
    rows = rng.choice(100, 60, replace=False)  # all errors are in the first of five folds
    wrong[rows, 0] = 1 - wrong[rows, 0]
    cards = {"one": Scorecard(Y, right, right), "other": Scorecard(Y, wrong, wrong)}
    folds = np.column_stack([np.zeros(500, int), np.repeat(np.arange(5), 100)])
    without_folds = resample_metrics(cards, n_resamples=200, relative_test_size=0.25).against(
        {"other": "one"}
    )
    with_folds = resample_metrics(cards, folds=folds, n_resamples=200, relative_test_size=0.25)
    assert without_folds["other"]["subset_accuracy"]["verdict"] == "worse"
    assert with_folds.against({"other": "one"})["other"]["subset_accuracy"]["verdict"] == (
        "no difference"
    )
