import numpy as np

from catnocat.benchmarks.best import find_best
from catnocat.benchmarks.comparison import Outcome
from catnocat.benchmarks.methods import METHODS
from catnocat.benchmarks.verdicts import with_statistics


def outcome(method, Y, noise, rng):
    scores = Y + noise * rng.normal(size=Y.shape)
    answers = {aim: (scores > 0.5).astype(np.uint8) for aim in ("hamming", "f1", "set")}
    return Outcome(METHODS[method], np.arange(len(Y)), scores, answers, fit_seconds=noise)


def best_of(outcomes, table):
    how = {"test_to_train": 0.5, "n_jobs": 1}
    entries = with_statistics(outcomes, table, n_resamples=200, **how)
    return find_best(entries, outcomes, table, **how), entries


def test_the_best_joint_method_is_held_against_the_best_independent_one_of_another_kind(make_table):
    table = make_table(300)
    rng = np.random.default_rng(1)
    outcomes = [
        outcome("one-vs-rest", table.Y, 1.0, rng),
        outcome("ridge", table.Y, 0.3, rng),
        outcome("chain", table.Y, 0.6, rng),
        Outcome(METHODS["powerset"], failed="no"),
    ]
    best, entries = best_of(outcomes, table)
    found = best["macro_ap"]
    assert (found["independent"], found["joint"], found["take"]) == ("ridge", "chain", "ridge")
    assert entries[2]["against_independent"]["macro_ap"]["verdict"] == "better"
    assert found["found"]["verdict"] == "worse"


def test_beside_its_own_counterpart_the_verdict_is_the_table_s(make_table):
    table = make_table(60)
    rng = np.random.default_rng(2)
    outcomes = [outcome(name, table.Y, 0.5, rng) for name in ("one-vs-rest", "chain")]
    best, entries = best_of(outcomes, table)
    against = entries[1]["against_independent"]
    assert best["macro_ap"]["found"] == against["macro_ap"]


def test_without_one_of_the_kinds_there_is_still_a_method_to_take(make_table):
    table = make_table(60)
    best, _ = best_of([outcome("chain", table.Y, 0.5, np.random.default_rng(3))], table)
    assert best["subset_accuracy"] == {
        "independent": None, "joint": "chain", "found": None, "take": "chain",
    }  # fmt: skip
