import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from catnocat.benchmarks.metrics import METRICS, Scorecard
from catnocat.benchmarks.significance import resample_metrics


def draw(rng, n, prevalence, labels=1):
    Y = (rng.random((n, labels)) < prevalence).astype(int)
    return Y, 1.5 * Y + rng.normal(size=Y.shape)


@pytest.mark.parametrize("prevalence", [0.02, 0.05, 0.25])
@pytest.mark.parametrize("positives", [12, 40])
def test_leave_one_out_ap_is_the_ap_of_many_images(rng, prevalence, positives):
    Y, scores = draw(rng, 400_000, prevalence)
    true = average_precision_score(Y, scores)
    plain, corrected = [], []
    for _ in range(500):
        Y, scores = draw(rng, round(positives / prevalence), prevalence)
        if Y.sum() < 2:
            continue
        card = Scorecard(Y, scores, Y)
        plain.append(float(card.measure()["macro_ap"]))
        corrected.append(card.unbiased_ap()["macro_ap"])
    assert np.mean(plain) - true > 0.005
    assert np.mean(corrected) - true == pytest.approx(0, abs=0.015)


def test_the_interval_of_macro_ap_covers_the_ap_of_many_images(rng):
    Y, scores = draw(rng, 400_000, 0.05)
    true = average_precision_score(Y, scores)
    hits, plain = 0, 0
    for seed in range(100):
        Y, scores = draw(rng, 400, 0.05, labels=6)
        card = Scorecard(Y, scores, Y)
        interval = resample_metrics({"one": card}, n_resamples=200, seed=seed).intervals("one")[
            "macro_ap"
        ]
        hits += interval["low"] <= true <= interval["high"]
        plain += float(card.measure()["macro_ap"]) > true
    assert hits >= 88  # 95 expected; the plain bootstrap interval reaches about 60
    assert plain > 60  # the figure itself is too high


def test_copies_of_an_image_do_not_count_as_other_images(rng):
    Y, scores = draw(rng, 80, 0.3)
    once = Scorecard(Y, scores, Y).unbiased_ap(np.arange(80))
    twice = Scorecard(np.tile(Y, (2, 1)), np.tile(scores, (2, 1)), np.tile(Y, (2, 1)))
    units = np.tile(np.arange(80), 2)
    assert twice.unbiased_ap(units)["macro_ap"] == pytest.approx(once["macro_ap"], abs=0.01)


def test_too_few_positives_for_an_interval(rng):
    Y, scores = draw(rng, 300, 0.02, labels=20)
    Y[0] = 1
    card = Scorecard(Y, scores, Y)
    intervals = resample_metrics({"one": card}, n_resamples=50).intervals("one")
    for interval in intervals.values():
        assert interval == {"low": None, "high": None, "reason": "too few positives"}
    Y, scores = draw(rng, 300, 0.06, labels=20)
    card = Scorecard(Y, scores, scores > 1)
    intervals = resample_metrics({"one": card}, n_resamples=50).intervals("one")
    shown = {key for key, interval in intervals.items() if interval["low"] is not None}
    assert shown == set(METRICS) - {"sample_f1", "jaccard"}


def test_methods_that_differ_on_no_image_still_have_an_interval(rng):
    Y, scores = draw(rng, 100, 0.3, labels=3)
    one, other = (Scorecard(Y, scores * factor, scores > 1) for factor in (1, 2))
    cards = {"one": one, "other": other}
    comparison = resample_metrics(cards, n_resamples=100).against({"other": "one"})["other"]
    for key in ("subset_accuracy", "hamming_loss", "one_error"):
        assert comparison[key]["difference"] == 0
        assert comparison[key]["low"] < 0 < comparison[key]["high"]
        assert comparison[key]["verdict"] == "no difference"
