import numpy as np
import pytest

from catnocat.benchmarks.analysis.best_methods import find_best
from catnocat.benchmarks.analysis.method_comparison import build_method_entries, resample_results
from catnocat.benchmarks.evaluation.cross_validation import MethodResult
from catnocat.benchmarks.evaluation.methods import METHODS


def method_result(method, Y, noise, rng):
    scores = Y + noise * rng.normal(size=Y.shape)
    answers = {aim: (scores > 0.5).astype(np.uint8) for aim in ("hamming", "f1", "set")}
    return MethodResult(METHODS[method], np.arange(len(Y)), scores, answers, fit_seconds=noise)


def best_of(method_results, table):
    said = resample_results(method_results, table, relative_test_size=0.5, n_resamples=200)
    entries = build_method_entries(method_results, said)
    return find_best(entries, said.resampled), entries


def test_the_best_joint_method_is_held_against_the_best_independent_one_of_another_kind(make_table):
    table = make_table(300)
    rng = np.random.default_rng(1)
    method_results = [
        method_result("one-vs-rest", table.Y, 1.0, rng),
        method_result("ridge", table.Y, 0.3, rng),
        method_result("chain", table.Y, 0.6, rng),
        MethodResult(METHODS["powerset"], failed="no"),
    ]
    best, entries = best_of(method_results, table)
    found = best["macro_ap"]
    assert (found["independent"], found["joint"]) == ("ridge", "chain")
    assert entries[2]["against_independent"]["macro_ap"]["verdict"] == "better"
    assert found["found"]["verdict"] == "worse"


def test_beside_its_own_counterpart_the_verdict_is_the_table_s(make_table):
    table = make_table(60)
    rng = np.random.default_rng(2)
    method_results = [method_result(name, table.Y, 0.5, rng) for name in ("one-vs-rest", "chain")]
    best, entries = best_of(method_results, table)
    against = entries[1]["against_independent"]
    apparent = {"apparent_difference": against["macro_ap"]["difference"]}
    assert best["macro_ap"]["found"] == against["macro_ap"] | apparent


def test_how_far_each_falls_short_is_told_of_those_that_come_into_question(make_table):
    table = make_table(300)
    rng = np.random.default_rng(1)
    noises = {"one-vs-rest": 1.0, "ridge": 0.3, "chain": 0.6}
    method_results = [method_result(name, table.Y, noise, rng) for name, noise in noises.items()]
    best, entries = best_of(method_results, table)
    behind = best["macro_ap"]["behind"]
    assert list(behind) == ["one-vs-rest", "ridge"]  # the joint one is not shown to be better
    assert behind["ridge"] == {"by": 0.0, "error": 0.0}
    one, ridge = (entry["metrics"]["macro_ap"] for entry in entries[:2])
    assert behind["one-vs-rest"]["by"] == pytest.approx(ridge - one, abs=1e-6)
    assert 0.005 < behind["one-vs-rest"]["error"] < 0.05

    better = [
        method_result("one-vs-rest", table.Y, 1.0, rng),
        method_result("chain", table.Y, 0.2, rng),
    ]
    best, _ = best_of(better, table)
    assert best["macro_ap"]["found"]["verdict"] == "better"
    assert best["macro_ap"]["behind"]["chain"]["by"] == 0
    assert best["macro_ap"]["behind"]["one-vs-rest"]["by"] > 0.05


def test_without_one_of_the_kinds_nothing_is_found_and_the_others_still_count(make_table):
    table = make_table(60)
    best, _ = best_of([method_result("chain", table.Y, 0.5, np.random.default_rng(3))], table)
    assert best["subset_accuracy"] == {
        "independent": None,
        "joint": "chain",
        "found": None,
        "at_most": None,
        "behind": {"chain": {"by": 0.0, "error": 0.0}},
    }


def test_nothing_is_best_where_every_method_failed(make_table):
    best, _ = best_of([MethodResult(METHODS["chain"], failed="no")], make_table(20))
    assert best["macro_ap"] == {
        "independent": None, "joint": None, "found": None, "at_most": None, "behind": {},
    }  # fmt: skip


def test_what_the_joint_methods_do_not_exceed_is_told_of_the_least_certain_too(make_table):
    table = make_table(200)
    rng = np.random.default_rng(4)
    noises = {"ridge": 0.5, "chain": 0.55, "powerset": 0.7}
    method_results = [method_result(name, table.Y, noise, rng) for name, noise in noises.items()]
    said = resample_results(method_results, table, relative_test_size=0.5, n_resamples=200)
    best = find_best(build_method_entries(method_results, said), said.resampled)["macro_ap"]
    ends = {
        name: said.resampled.against({name: "ridge"})[name]["macro_ap"]["high"]
        for name in ("chain", "powerset")
    }
    name = max(ends, key=ends.get)
    assert best["at_most"] == {"name": name, "high": pytest.approx(ends[name])}


def test_luck_is_taken_off_and_makes_no_verdict(make_table):
    table = make_table(300)
    stated, apparent = [], []
    for seed in range(25):
        rng = np.random.default_rng(seed)
        names = ("one-vs-rest", "chain", "powerset", "rakel", "stacking", "pruned-sets", "forest")
        method_results = [method_result(name, table.Y, 1.0, rng) for name in names]
        best, _ = best_of(method_results, table)
        found = best["macro_ap"]["found"]
        assert found["difference"] <= found["apparent_difference"]
        assert found["low"] <= found["difference"] <= found["high"]
        assert found["verdict"] == "no difference"
        stated.append(found["difference"])
        apparent.append(found["apparent_difference"])
    assert np.mean(apparent) > 0.02
    assert abs(np.mean(stated)) < 0.5 * np.mean(apparent)


def test_two_copies_of_a_method_are_not_told_apart_by_their_luck(make_table):
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
    assert best["macro_ap"]["found"]["verdict"] == "no difference"
