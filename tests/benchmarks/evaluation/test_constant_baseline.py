"""The constant baseline: its figures are those of the best predictions that look at no image."""

from itertools import product

import numpy as np
import pytest

from catnocat.benchmarks.analysis.best_methods import (
    PURPOSES,
    compare_with_baseline,
    most_frequent_set,
)
from catnocat.benchmarks.analysis.method_comparison import build_method_entries, resample_results
from catnocat.benchmarks.evaluation.constant_baseline import constant_baseline, fit_constant
from catnocat.benchmarks.evaluation.cross_validation import MethodResult, compare, scored_rows
from catnocat.benchmarks.evaluation.methods import CONSTANT, METHODS, select_methods
from catnocat.benchmarks.evaluation.splits import Fold, outer_folds
from catnocat.benchmarks.metrics import evaluate
from catnocat.benchmarks.utils.errors import InputError


@pytest.fixture
def table(make_table):
    return make_table(400, 4, seed=3)


def halves(table):
    rows = np.arange(table.n_images)
    return [Fold(rows[rows % 2 == 0], rows[rows % 2 == 1])]


def figures(method_result, table):
    test = table.take(method_result.rows)
    return evaluate(test.Y, method_result.scores, method_result.metric_predictions, test.known)


@pytest.mark.parametrize("metric", ["micro_f1", "sample_f1", "jaccard", "macro_f1"])
def test_no_constant_prediction_is_better_on_the_training_images(table, metric):
    constant = fit_constant(table.Y, table.known)
    prediction = constant.predictions.get(metric, constant.predictions["f1"])

    def value(row):
        predictions = np.tile(np.asarray(row, dtype=np.uint8), (table.n_images, 1))
        return evaluate(table.Y, np.zeros(table.Y.shape), predictions)[metric]

    every = {row: value(row) for row in product((0, 1), repeat=table.n_labels)}
    assert value(prediction) == pytest.approx(max(every.values()))


def test_set_metrics_use_the_most_frequent_set_and_hamming_the_majority(table):
    constant = fit_constant(table.Y, table.known)
    sets = [tuple(row) for row in table.Y.tolist()]
    assert sets.count(tuple(constant.predictions["set"].tolist())) == max(
        map(sets.count, set(sets))
    )
    assert (constant.predictions["hamming"] == (table.Y.mean(axis=0) > 0.5)).all()


def test_macro_ap_is_the_prevalence_among_the_test_images_in_split_and_folds(table):
    for folds in (halves(table), outer_folds(table, 5, seed=0)):
        results = figures(constant_baseline(table, folds), table)
        prevalence = table.Y[scored_rows(folds)].mean()
        assert results["macro_ap"] == pytest.approx(prevalence)
        assert results["macro_auroc"] == 0.5


def test_unknown_labels_count_nowhere(make_table):
    Y = np.array([[1, 0], [1, 1], [0, 1], [1, 0]] * 10, dtype=np.uint8)
    known = np.ones(Y.shape, dtype=bool)
    known[2::4] = False, True
    constant = fit_constant(Y, known)
    assert constant.prevalence.tolist() == [1.0, 0.5]
    assert constant.predictions["set"].tolist() == [1, 0]
    nothing = fit_constant(Y, np.zeros_like(known))
    assert nothing.prevalence.tolist() == [0.0, 0.0]
    assert nothing.predictions["set"].tolist() == [0, 0]


def test_its_entry_has_no_verdict_and_is_no_reference(table, rng):
    folds = halves(table)
    X = table.Y + rng.normal(size=table.Y.shape)
    method_results = compare(X, table, [METHODS["brknn"], METHODS["mlknn"]], folds)
    entries = {}
    for name, results in (
        ("with", [*method_results, constant_baseline(table, folds)]),
        ("without", method_results),
    ):
        resampled = resample_results(
            results, table.take(scored_rows(folds)), relative_test_size=1.0, n_resamples=200
        )
        entries[name] = build_method_entries(results, resampled)
    constant = entries["with"].pop()
    assert (constant["name"], constant["kind"]) == ("constant", "baseline")
    assert constant["reference"] is None
    assert constant["against_independent"] is None
    # It is in no comparison, so the verdicts of the others do not change.
    for one, other in zip(entries["with"], entries["without"], strict=True):
        assert one["against_independent"] == other["against_independent"]
        assert one["reference"] != "constant"


def test_it_cannot_be_selected_or_fitted():
    with pytest.raises(InputError, match="'constant' is part of every comparison"):
        select_methods(["constant"])
    with pytest.raises(InputError, match="not a model"):
        CONSTANT.make(0)


def scored(name, Y, scores, sets):
    predictions = {"hamming": sets, "f1": sets, "set": sets}
    return MethodResult(METHODS[name], np.arange(len(Y)), scores, predictions, chosen=[{}])


@pytest.mark.parametrize(
    ("ranks", "predictions", "beaten"),
    [
        (True, True, (["ridge"], ["ridge"])),
        (False, True, ([], ["ridge"])),
        (True, False, (["ridge"], [])),
        (False, False, ([], [])),
    ],
)
def test_a_purpose_is_usable_if_the_best_method_is_better_than_constant(
    ranks, predictions, beaten, make_table
):
    table = make_table(300, 4)
    rng = np.random.default_rng(5)
    random_sets = (rng.random(table.Y.shape) < 0.5).astype(np.uint8)
    method = scored(
        "ridge",
        table.Y,
        table.Y * ranks + rng.normal(size=table.Y.shape),
        table.Y if predictions else random_sets,
    )
    rows = np.arange(300)
    results = [method, constant_baseline(table, [Fold(rows, rows)])]
    resampled = resample_results(results, table, relative_test_size=0.0, n_resamples=300)
    best = {key: {"independent": "ridge", "joint": None} for key in PURPOSES}
    comparison = compare_with_baseline(
        build_method_entries(results, resampled), best, resampled.resampled
    )
    assert (
        comparison["macro_ap"]["beaten_by"],
        comparison["subset_accuracy"]["beaten_by"],
    ) == beaten
    assert comparison["macro_ap"]["value"] == pytest.approx(table.Y.mean())


def test_the_most_frequent_set_of_several_folds():
    chosen = [{"label_set": ["a"]}, {"label_set": []}, {"label_set": ["a"]}]
    assert most_frequent_set({"chosen": chosen}) == ["a"]
