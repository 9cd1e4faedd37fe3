import numpy as np
import pytest

from catnocat.benchmarks.evaluation.model_selection import SearchResult
from catnocat.benchmarks.evaluation.thresholding import (
    AIM_OF_METRIC,
    AIMS,
    SetRule,
    apply_thresholds,
    choose_set_rule,
    choose_thresholds,
    predictions_by_metric,
)
from catnocat.benchmarks.metrics import PREDICTION_METRICS


def test_every_prediction_metric_has_an_aim():
    assert set(AIM_OF_METRIC) == set(PREDICTION_METRICS)


def test_predictions_do_not_depend_on_the_scale_of_probabilities(rng):
    Y = (rng.random((400, 3)) < 0.3).astype(np.uint8)
    bold = np.clip(0.5 * Y + 0.5 * rng.random(Y.shape), 0, 1)
    scorable = np.ones(Y.shape, dtype=bool)
    predictions = []
    for scores in (bold, 0.2 * bold):
        thresholds = choose_thresholds(SearchResult({}, scores, scorable), Y)
        predictions.append(apply_thresholds(scores, thresholds, None))
    for aim in (*AIMS, "set"):
        np.testing.assert_array_equal(predictions[0][aim], predictions[1][aim])
    assert predictions[1]["f1"].any()


def test_the_aims_differ(rng):
    Y = (rng.random((2000, 2)) < 0.1).astype(np.uint8)
    scores = Y + 1.5 * rng.normal(size=Y.shape)
    thresholds = choose_thresholds(SearchResult({}, scores, np.ones(Y.shape, dtype=bool)), Y)
    assert (thresholds["hamming"] > thresholds["f1"]).all()


def test_labels_without_scorable_cells_keep_the_default_threshold(rng):
    Y = (rng.random((50, 2)) < 0.5).astype(np.uint8)
    scorable = np.ones(Y.shape, dtype=bool)
    scorable[:, 1] = False
    thresholds = choose_thresholds(SearchResult({}, 0.2 * rng.random(Y.shape), scorable), Y)
    assert thresholds["f1"][1] == thresholds["hamming"][1] == 0.5
    assert thresholds["f1"][0] < 0.2


def test_label_sets_of_a_method_are_kept(rng):
    scores = rng.random((5, 2))
    sets = np.array([[1, 0]] * 5)
    predictions = apply_thresholds(scores, {"hamming": np.zeros(2), "f1": np.ones(2)}, sets)
    by_metric = predictions_by_metric(predictions)
    np.testing.assert_array_equal(by_metric["subset_accuracy"], sets)
    assert by_metric["hamming_loss"].all()
    assert not by_metric["macro_f1"].any()
    np.testing.assert_array_equal(
        apply_thresholds(scores, {"hamming": np.zeros(2), "f1": np.ones(2)}, None)["set"],
        np.ones((5, 2)),
    )


ALL_KNOWN = np.ones((4, 2), dtype=bool)
THRESHOLDS = {"hamming": np.full(2, 0.5), "f1": np.full(2, 0.5)}
LOW = np.array([[0.4, 0.1], [0.2, 0.3], [0.9, 0.1], [0.1, 0.8]])  # the first two above no threshold


def test_at_least_one_label_is_the_most_probable_one():
    rule = SetRule("thresholds", at_least_one=True)
    assert rule.apply(LOW, THRESHOLDS["hamming"], None).tolist() == [[1, 0], [0, 1], [1, 0], [0, 1]]
    unfilled = SetRule().apply(LOW, THRESHOLDS["hamming"], None)
    assert unfilled.tolist() == [[0, 0], [0, 0], [1, 0], [0, 1]]


def test_at_least_one_label_also_fills_the_sets_of_a_method():
    rule = SetRule("sets", at_least_one=True)
    sets = np.array([[0, 0], [0, 0], [1, 1], [0, 1]])
    assert rule.apply(LOW, THRESHOLDS["hamming"], sets).tolist() == [[1, 0], [0, 1], [1, 1], [0, 1]]
    with pytest.raises(ValueError, match="got None"):
        rule.apply(LOW, THRESHOLDS["hamming"], None)


def test_at_least_one_label_changes_label_sets_only():
    with_it = apply_thresholds(LOW, THRESHOLDS, rule=SetRule("thresholds", at_least_one=True))
    without = apply_thresholds(LOW, THRESHOLDS)
    for aim in AIMS:
        np.testing.assert_array_equal(with_it[aim], without[aim])
    assert with_it["set"].sum() == without["set"].sum() + 2
    by_metric = predictions_by_metric(with_it)
    assert by_metric["subset_accuracy"].any(axis=1).all()
    assert not by_metric["jaccard"].any(axis=1).all()


def test_at_least_one_is_chosen_where_no_training_image_is_empty():
    Y = np.array([[1, 0], [0, 1], [1, 0], [0, 1]])
    search = SearchResult({}, LOW, ALL_KNOWN)
    assert choose_set_rule(search, THRESHOLDS, Y, ALL_KNOWN) == SetRule("thresholds", True)


@pytest.mark.parametrize("empty", ["absent", "unknown"])
def test_at_least_one_is_no_candidate_where_an_image_may_be_empty(empty):
    Y = np.array([[1, 0], [0, 1], [1, 0], [0, 1], [0, 0]])
    known = np.ones(Y.shape, dtype=bool)
    if empty == "unknown":
        known[-1] = False
    search = SearchResult({}, np.vstack([LOW, [0.1, 0.1]]), known)
    assert choose_set_rule(search, THRESHOLDS, Y, known) == SetRule("thresholds", False)


def test_thresholds_replace_the_sets_of_a_method_only_if_they_are_clearly_better():
    Y = np.tile([[1, 0], [0, 1]], (20, 1))
    known = np.ones(Y.shape, dtype=bool)
    scores = np.where(Y > 0, 0.9, 0.1)

    def chosen(n_wrong):
        sets = Y.copy()
        sets[:n_wrong] = 1
        return choose_set_rule(SearchResult({}, scores, known, sets), THRESHOLDS, Y, known)

    assert chosen(0) == chosen(1) == SetRule("sets", False)
    assert chosen(2) == SetRule("thresholds", False)


def test_a_rule_of_no_images_is_the_plain_one():
    nothing = np.empty((0, 2))
    search = SearchResult({}, nothing, nothing.astype(bool))
    assert choose_set_rule(search, THRESHOLDS, nothing, nothing.astype(bool)) == SetRule()
