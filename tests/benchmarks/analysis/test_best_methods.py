from dataclasses import replace

import numpy as np
import pytest

from catnocat.benchmarks.analysis import (
    build_method_entries,
    find_best,
    find_reference,
    resample_results,
)
from catnocat.benchmarks.evaluation.cross_validation import MethodResult
from catnocat.benchmarks.evaluation.methods import METHODS


def method_result(method, Y, noise, rng):
    scores = Y + noise * rng.normal(size=Y.shape)
    answers = {aim: (scores > 0.5).astype(np.uint8) for aim in ("hamming", "f1", "set")}
    return MethodResult(METHODS[method], np.arange(len(Y)), scores, answers, fit_seconds=noise)


def best_of(method_results, table):
    scored = resample_results(method_results, table, relative_test_size=0.5, n_resamples=200)
    entries = build_method_entries(method_results, scored)
    return find_best(entries, scored.resampled), entries


def test_best_methods_may_have_different_base_learners(make_table):
    table = make_table(300)
    rng = np.random.default_rng(1)
    method_results = [
        method_result("one-vs-rest", table.Y, 1.0, rng),
        method_result("ridge", table.Y, 0.3, rng),
        method_result("chain", table.Y, 0.6, rng),
        MethodResult(METHODS["powerset"], failed="no"),
    ]
    best, entries = best_of(method_results, table)
    best_methods = best["macro_ap"]
    assert (best_methods["independent"], best_methods["joint"]) == ("ridge", "chain")
    assert best_methods["method"] == "ridge"
    assert entries[2]["against_independent"]["macro_ap"]["verdict"] == "better"
    assert best_methods["comparison"]["verdict"] == "worse"


def test_comparison_with_its_own_reference_is_that_of_the_table(make_table):
    table = make_table(60)
    rng = np.random.default_rng(2)
    method_results = [method_result(name, table.Y, 0.5, rng) for name in ("one-vs-rest", "chain")]
    best, entries = best_of(method_results, table)
    against = entries[1]["against_independent"]
    apparent = {"apparent_difference": against["macro_ap"]["difference"]}
    assert best["macro_ap"]["comparison"] == against["macro_ap"] | apparent


def test_shortfall_is_given_for_eligible_methods(make_table):
    table = make_table(300)
    rng = np.random.default_rng(1)
    noises = {"one-vs-rest": 1.0, "ridge": 0.3, "chain": 0.6}
    method_results = [method_result(name, table.Y, noise, rng) for name, noise in noises.items()]
    best, entries = best_of(method_results, table)
    shortfall = best["macro_ap"]["shortfall"]
    assert list(shortfall) == ["one-vs-rest", "ridge"]  # the joint one is not significantly better
    assert shortfall["ridge"] == {"value": 0.0, "standard_error": 0.0}
    one, ridge = (entry["metrics"]["macro_ap"] for entry in entries[:2])
    assert shortfall["one-vs-rest"]["value"] == pytest.approx(ridge - one, abs=1e-6)
    assert 0.005 < shortfall["one-vs-rest"]["standard_error"] < 0.05

    better = [
        method_result("one-vs-rest", table.Y, 1.0, rng),
        method_result("chain", table.Y, 0.2, rng),
    ]
    best, _ = best_of(better, table)
    assert best["macro_ap"]["comparison"]["verdict"] == "better"
    assert best["macro_ap"]["shortfall"]["chain"]["value"] == 0
    assert best["macro_ap"]["shortfall"]["one-vs-rest"]["value"] > 0.05


def test_one_kind_of_method_has_no_comparison(make_table):
    table = make_table(60)
    best, _ = best_of([method_result("chain", table.Y, 0.5, np.random.default_rng(3))], table)
    assert best["subset_accuracy"] == {
        "method": "chain",
        "independent": None,
        "joint": "chain",
        "comparison": None,
        "upper_bound": None,
        "shortfall": {"chain": {"value": 0.0, "standard_error": 0.0}},
    }


def test_without_fitted_methods_nothing_is_best(make_table):
    best, _ = best_of([MethodResult(METHODS["chain"], failed="no")], make_table(20))
    assert best["macro_ap"] == {
        "method": None,
        "independent": None,
        "joint": None,
        "comparison": None,
        "upper_bound": None,
        "shortfall": {},
    }


def test_upper_bound_is_the_highest_end_of_all_joint_methods(make_table):
    table = make_table(200)
    rng = np.random.default_rng(4)
    noises = {"ridge": 0.5, "chain": 0.55, "powerset": 0.7}
    method_results = [method_result(name, table.Y, noise, rng) for name, noise in noises.items()]
    scored = resample_results(method_results, table, relative_test_size=0.5, n_resamples=200)
    best = find_best(build_method_entries(method_results, scored), scored.resampled)["macro_ap"]
    ends = {
        name: scored.resampled.against({name: "ridge"})[name]["macro_ap"]["high"]
        for name in ("chain", "powerset")
    }
    name = max(ends, key=ends.get)
    assert best["upper_bound"] == {"name": name, "high": pytest.approx(ends[name])}


def test_selection_bias_is_subtracted(make_table):
    table = make_table(300)
    stated, apparent = [], []
    for seed in range(25):
        rng = np.random.default_rng(seed)
        names = ("one-vs-rest", "chain", "powerset", "rakel", "stacking", "pruned-sets", "forest")
        method_results = [method_result(name, table.Y, 1.0, rng) for name in names]
        best, _ = best_of(method_results, table)
        comparison = best["macro_ap"]["comparison"]
        assert comparison["difference"] <= comparison["apparent_difference"]
        assert comparison["low"] <= comparison["difference"] <= comparison["high"]
        assert comparison["verdict"] == "no difference"
        stated.append(comparison["difference"])
        apparent.append(comparison["apparent_difference"])
    assert np.mean(apparent) > 0.02
    assert abs(np.mean(stated)) < 0.5 * np.mean(apparent)


def test_two_copies_of_a_method_do_not_differ(make_table):
    table = make_table(300)
    rng = np.random.default_rng(0)
    method_results = [
        method_result("one-vs-rest", table.Y, 1.0, rng),
        method_result("powerset", table.Y, 1.2, rng),
    ]
    first = method_results[0]
    scores = first.scores + 1e-4 * rng.normal(size=first.scores.shape)
    method_results.insert(
        1, MethodResult(METHODS["chain"], first.rows, scores, first.predictions_by_aim)
    )
    best, _ = best_of(method_results, table)
    assert best["macro_ap"]["joint"] == "chain"
    assert best["macro_ap"]["comparison"]["verdict"] == "no difference"


def test_reference_is_the_first_fitted_independent_method_that_is_no_detector():
    detector = replace(METHODS["one-vs-rest"], name="yolo", external=True)
    results = [
        MethodResult(METHODS["chain"]),
        MethodResult(detector),
        MethodResult(METHODS["one-vs-rest"], failed="no"),
        MethodResult(METHODS["ridge"]),
    ]
    assert find_reference(results) == "ridge"
    assert find_reference(results[:3]) is None
