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
    """Give features from which the labels can be told, mostly, and their table."""
    table = make_table(240, split=["train"] * 160 + ["test"] * 80)
    X = table.Y @ rng.normal(size=(4, 12)) + rng.normal(size=(240, 12))
    return X.astype(np.float32), table


def compared(X, table, methods):
    folds = outer_folds(table, None, seed=0)
    judged = table.take(scored_rows(folds))
    method_results = compare(X, table, methods, folds)
    said = resample_results(method_results, judged, relative_test_size=0.5, n_resamples=200)
    return build_method_entries(method_results, said)


def test_every_main_method_is_judged_and_beats_chance(problem):
    X, table = problem
    entries = compared(X, table, select_methods())
    assert [told["name"] for told in entries] == ["one-vs-rest", "chain", "powerset", "mlknn"]
    chance = table.Y[160:].mean()
    for told in entries:
        assert told["metrics"]["macro_ap"] > chance + 0.2, told
        assert told["metrics"]["labels_averaged"] == 4
        assert told["fit_seconds"] > 0
        assert told["predict_ms_per_image"] > 0
        assert len(told["chosen"]) == 1
    json.dumps(entries, allow_nan=False)


def test_one_vs_rest_is_what_a_plain_script_gets(problem):
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


def test_folds_judge_every_image_once_in_its_own_row(problem):
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
            raise RuntimeError("no such luck")

    methods = [
        Method("failing", "joint", lambda seed: Failing(), "fails", "none"),
        *select_methods(["mlknn"]),
    ]
    failed, fine = compared(X, table, methods)
    assert failed["failed"] == "RuntimeError: no such luck"
    assert "metrics" not in failed
    assert fine["metrics"]["macro_ap"] > 0


def test_every_method_is_held_against_the_independent_one(problem):
    X, table = problem
    one_vs_rest, chain, mlknn = compared(
        X, table, select_methods(["one-vs-rest", "chain", "mlknn"])
    )
    assert one_vs_rest["against_independent"] is None
    assert chain["reference"] == mlknn["reference"] == "one-vs-rest"
    assert (chain["same_base"], mlknn["same_base"]) == (True, False)
    for told in (chain, mlknn):
        assert set(told["against_independent"]) == set(METRICS)
        for key, found in told["against_independent"].items():
            difference = told["metrics"][key] - one_vs_rest["metrics"][key]
            assert found["difference"] == pytest.approx(difference)
            assert found["low"] <= found["difference"] <= found["high"]
            assert found["verdict"] in {"better", "worse", "no difference"}
    assert len(chain["per_label"]["ap"]) == table.n_labels


def test_unknown_cells_are_not_judged(problem, make_table):
    X, table = problem
    known = np.ones_like(table.Y, dtype=bool)
    known[160:, 0] = False
    partly = make_table(240, split=table.split, known=known, Y=table.Y * known)
    (told,) = compared(X, partly, select_methods(["mlknn"]))
    assert told["metrics"]["labels_averaged"] == 3
