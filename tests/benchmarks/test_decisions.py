import numpy as np

from catnocat.benchmarks.choice import Choice
from catnocat.benchmarks.decisions import AIMS, JUDGED, by_metric, choose_thresholds, decide
from catnocat.benchmarks.metrics import ANSWER_METRICS


def test_every_metric_of_answers_has_its_own():
    assert set(JUDGED) == set(ANSWER_METRICS)


def test_timid_probabilities_lose_nothing(rng):
    Y = (rng.random((400, 3)) < 0.3).astype(np.uint8)
    bold = np.clip(0.5 * Y + 0.5 * rng.random(Y.shape), 0, 1)
    counted = np.ones(Y.shape, dtype=bool)
    answers = []
    for scores in (bold, 0.2 * bold):
        thresholds = choose_thresholds(Choice({}, scores, counted), Y)
        answers.append(decide(scores, thresholds, None))
    for aim in (*AIMS, "set"):
        np.testing.assert_array_equal(answers[0][aim], answers[1][aim])
    assert answers[1]["f1"].any()


def test_the_aims_differ(rng):
    Y = (rng.random((2000, 2)) < 0.1).astype(np.uint8)
    scores = Y + 1.5 * rng.normal(size=Y.shape)
    thresholds = choose_thresholds(Choice({}, scores, np.ones(Y.shape, dtype=bool)), Y)
    assert (thresholds["hamming"] > thresholds["f1"]).all()


def test_a_label_that_could_not_be_judged_stays_at_one_half(rng):
    Y = (rng.random((50, 2)) < 0.5).astype(np.uint8)
    counted = np.ones(Y.shape, dtype=bool)
    counted[:, 1] = False
    thresholds = choose_thresholds(Choice({}, 0.2 * rng.random(Y.shape), counted), Y)
    assert thresholds["f1"][1] == thresholds["hamming"][1] == 0.5
    assert thresholds["f1"][0] < 0.2


def test_a_method_that_finds_sets_keeps_the_set_it_finds(rng):
    scores = rng.random((5, 2))
    own = np.array([[1, 0]] * 5)
    answers = decide(scores, {"hamming": np.zeros(2), "f1": np.ones(2)}, own)
    judged = by_metric(answers)
    np.testing.assert_array_equal(judged["subset_accuracy"], own)
    assert judged["hamming_loss"].all()
    assert not judged["macro_f1"].any()
    np.testing.assert_array_equal(
        decide(scores, {"hamming": np.zeros(2), "f1": np.ones(2)}, None)["set"], np.ones((5, 2))
    )
