"""Section "methods" of `results.json`."""

import json

import numpy as np
import pytest

from catnocat.benchmarks.analysis.method_comparison import build_method_entries, resample_results
from catnocat.benchmarks.data.region_features import Regions
from catnocat.benchmarks.evaluation import splits as protocol
from catnocat.benchmarks.evaluation.cross_validation import MethodResult, compare, scored_rows
from catnocat.benchmarks.evaluation.methods import METHODS, Method, select_methods
from catnocat.benchmarks.evaluation.splits import outer_folds
from catnocat.benchmarks.metrics import METRICS
from catnocat.classifiers import MLkNN


def entries_of(table, X, methods, folds, **more):
    method_results = compare(X, table, methods, folds, **more)
    test_table = table.take(scored_rows(folds))
    scored = resample_results(
        method_results,
        test_table,
        relative_test_size=protocol.relative_test_size(folds),
        n_resamples=100,
        seed=0,
    )
    return build_method_entries(method_results, scored)


@pytest.fixture
def problem(make_table, rng):
    table = make_table(150, split=["train"] * 100 + ["test"] * 50)
    regions = 0.5 * rng.normal(size=(150, 3, 8)).astype(np.float32)
    regions[:, 0, :4] += 3 * table.Y
    return table, regions.mean(axis=1), Regions(regions, {"view": "made", "regions": 3})


@pytest.mark.slow
def test_every_method_keeps_the_contract(problem):
    table, X, regions = problem
    folds = outer_folds(table, None, 0)
    entries = entries_of(table, X, select_methods(["all"]), folds, regions=regions)
    json.dumps(entries, allow_nan=False)
    assert [entry["name"] for entry in entries] == list(METHODS)
    for entry in entries:
        assert "failed" not in entry, entry
        assert entry["kind"] in {"independent", "joint"}
        assert set(entry["metrics"]) == {*METRICS, "labels_averaged"}
        assert entry["metrics"]["macro_ap"] > table.Y.mean() + 0.2, entry["name"]
        assert entry["metrics"]["macro_f1"] > 0.5, entry["name"]
        assert entry["fit_seconds"] > 0
        assert entry["predict_ms_per_image"] > 0
        if entry["name"] == "logistic":
            assert entry["against_independent"] is None
            continue
        assert set(entry["against_independent"]) == set(METRICS)
        for found in entry["against_independent"].values():
            assert set(found) == {"difference", "low", "high", "p", "verdict"}
            assert found["verdict"] in {"better", "worse", "no difference"}
    assert entries[-1]["features"]["view"] == "made"


class Broken(MLkNN):
    """Classifier with undefined probabilities."""

    def predict_proba(self, X):
        return np.full((len(X), 4), np.nan)


def test_method_with_nan_probabilities_fails(problem):
    table, X, _ = problem
    methods = [Method("broken", "joint", lambda seed: Broken(), "", "none"), METHODS["brknn"]]
    broken, fine = entries_of(table, X, methods, outer_folds(table, None, 0))
    assert "are not finite numbers" in broken["failed"]
    assert fine["metrics"]["macro_ap"] > 0


def test_all_methods_may_fail(make_table):
    table = make_table(20)
    failed = MethodResult(METHODS["mlknn"], failed="no luck")
    (entry,) = build_method_entries(
        [failed], resample_results([failed], table, relative_test_size=0.5)
    )
    assert entry["failed"] == "no luck"


def test_image_tested_in_two_repeats_is_one_unit(problem):
    table, X, _ = problem
    methods = [METHODS["brknn"]]
    once, twice = (
        entries_of(table, X, methods, outer_folds(table, 3, 0, repeats))[0] for repeats in (1, 2)
    )
    width = [
        entry["intervals"]["hamming_loss"]["high"] - entry["intervals"]["hamming_loss"]["low"]
        for entry in (once, twice)
    ]
    assert len(twice["chosen"]) == 6
    # Two repeats average the noise of the models, but not that of the images: not 0.71.
    assert width[1] > 0.78 * width[0]


def test_method_that_treats_unknown_as_absent_warns(problem, make_table):
    table, X, _ = problem
    known = np.ones_like(table.Y, dtype=bool)
    known[:5, 0] = False
    partly = make_table(150, split=table.split, known=known, Y=table.Y * known)
    methods = select_methods(["logistic", "powerset"])
    leaves_out, cannot = entries_of(partly, X, methods, outer_folds(partly, None, 0))
    assert leaves_out["warnings"] == []
    assert "unknown labels count as absent" in cannot["warnings"][0]
