import json

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.preprocessing import StandardScaler

from catnocat.benchmarks.analysis.method_comparison import build_method_entries, resample_results
from catnocat.benchmarks.evaluation.cross_validation import compare, run_method, scored_rows
from catnocat.benchmarks.evaluation.methods import Method, select_methods
from catnocat.benchmarks.evaluation.splits import Fold, outer_folds
from catnocat.benchmarks.metrics import METRICS


@pytest.fixture
def problem(make_table, rng):
    """Return features that predict the labels well, and their table."""
    table = make_table(240, split=["train"] * 160 + ["test"] * 80)
    X = table.Y @ rng.normal(size=(4, 12)) + rng.normal(size=(240, 12))
    return X.astype(np.float32), table


def compare_entries(X, table, methods):
    folds = outer_folds(table, None, seed=0)
    test = table.take(scored_rows(folds))
    method_results = compare(X, table, methods, folds)
    resampled = resample_results(method_results, test, relative_test_size=0.5, n_resamples=200)
    return build_method_entries(method_results, resampled)


def test_default_methods_are_scored_and_better_than_chance(problem):
    X, table = problem
    entries = compare_entries(X, table, select_methods())
    assert [entry["name"] for entry in entries] == ["logistic", "chain", "powerset", "mlknn"]
    chance = table.Y[160:].mean()
    for entry in entries:
        assert entry["metrics"]["macro_ap"] > chance + 0.2, entry
        assert entry["metrics"]["labels_averaged"] == 4
        assert entry["fit_cpu_seconds"] > 0
        assert entry["fit_seconds"] > 0
        assert entry["choose_cpu_seconds"] > 0
        assert entry["predict_ms_per_image"] > 0
        assert len(entry["chosen"]) == 1
    json.dumps(entries, allow_nan=False)


def test_one_vs_rest_equals_a_plain_script(problem):
    X, table = problem
    (method,) = select_methods(("one-vs-rest",))
    method_result = run_method(method, X, table, outer_folds(table, None, 0))
    scaler = StandardScaler().fit(X[:160])
    plain = [
        LogisticRegression(C=method_result.chosen[0]["estimator__C"], max_iter=1000)
        .fit(scaler.transform(X[:160]), table.Y[:160, label])
        .predict_proba(scaler.transform(X[160:]))[:, 1]
        for label in range(4)
    ]
    np.testing.assert_allclose(method_result.scores, np.transpose(plain), atol=1e-4)
    ours = average_precision_score(table.Y[160:], method_result.scores, average="macro")
    theirs = average_precision_score(table.Y[160:], np.transpose(plain), average="macro")
    assert ours == pytest.approx(theirs, abs=1e-6)


def test_folds_predict_every_image_once(problem):
    X, table = problem
    folds = outer_folds(table, 3, seed=0)
    (method,) = select_methods(("mlknn",))
    method_result = run_method(method, X, table, folds)
    assert method_result.scores.shape == table.Y.shape
    assert len(method_result.chosen) == 3


def test_parameters_are_chosen_without_the_test_images(problem):
    X, table = problem
    (method,) = select_methods(("one-vs-rest",))
    fold = Fold(np.arange(160), np.arange(160, 240))
    poisoned = X.copy()
    poisoned[160:] = 1e3
    chosen = run_method(method, X, table, [fold]).chosen
    assert run_method(method, poisoned, table, [fold]).chosen == chosen


def test_a_failing_method_is_reported_and_the_others_go_on(problem):
    X, table = problem

    class Failing(DummyClassifier):
        def fit(self, X, y):
            raise RuntimeError("singular matrix")

    methods = [
        Method("failing", "joint", lambda seed: Failing(), "fails", "none"),
        *select_methods(["mlknn"]),
    ]
    failed, fine = compare_entries(X, table, methods)
    assert failed["failed"] == "RuntimeError: singular matrix"
    assert "metrics" not in failed
    assert fine["metrics"]["macro_ap"] > 0


def test_every_method_is_compared_with_the_independent_one(problem):
    X, table = problem
    one_vs_rest, chain, mlknn = compare_entries(
        X, table, select_methods(["one-vs-rest", "chain", "mlknn"])
    )
    assert one_vs_rest["against_independent"] is None
    assert chain["reference"] == mlknn["reference"] == "one-vs-rest"
    assert (chain["same_base"], mlknn["same_base"]) == (True, False)
    for entry in (chain, mlknn):
        assert set(entry["against_independent"]) == set(METRICS)
        for key, comparison in entry["against_independent"].items():
            difference = entry["metrics"][key] - one_vs_rest["metrics"][key]
            assert comparison["difference"] == pytest.approx(difference)
            assert comparison["low"] <= comparison["difference"] <= comparison["high"]
            assert comparison["verdict"] in {"better", "worse", "no difference"}
    assert len(chain["per_label"]["ap"]) == table.n_labels


def test_unknown_cells_are_not_scored(problem, make_table):
    X, table = problem
    known = np.ones_like(table.Y, dtype=bool)
    known[160:, 0] = False
    partly = make_table(240, split=table.split, known=known, Y=table.Y * known)
    (entry,) = compare_entries(X, partly, select_methods(["mlknn"]))
    assert entry["metrics"]["labels_averaged"] == 3
