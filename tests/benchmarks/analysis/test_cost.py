import numpy as np
import pytest

from catnocat.benchmarks.analysis import timing
from catnocat.benchmarks.evaluation.cross_validation import compare
from catnocat.benchmarks.evaluation.methods import select_methods
from catnocat.benchmarks.evaluation.splits import outer_folds


@pytest.fixture
def measured(make_table, rng):
    table = make_table(90)
    X = (table.Y + 0.3 * rng.normal(size=table.Y.shape)).repeat(3, axis=1)
    methods = select_methods(["one-vs-rest", "logistic", "chain"])
    method_results = compare(X, table, methods, outer_folds(table, 2, 0))
    names = ["one-vs-rest", "logistic", "chain", "gone"]
    return lambda: timing.measure_cost(method_results, names, X, table)


def test_every_number_of_labels_is_timed(measured, monkeypatch):
    monkeypatch.setattr(timing, "MAX_SECONDS", np.inf)
    cost = measured()
    assert [one["name"] for one in cost["methods"]] == ["one-vs-rest", "logistic", "chain"]
    assert cost["synthetic_labels"] == 296
    for one in cost["methods"]:
        assert [point["labels"] for point in one["points"]] == list(timing.N_LABELS)
    first = cost["methods"][1]["points"][0]
    assert first["measured"]
    assert first["fit_seconds"] > 0
    assert cost["threads"] >= 1


def test_slow_independent_methods_are_extrapolated_and_joint_ones_not(measured, monkeypatch):
    monkeypatch.setattr(timing, "MAX_SECONDS", 0.0)
    one, _, chain = measured()["methods"]
    assert [point["measured"] for point in chain["points"]] == [True, *[False] * 4]
    seconds = [point["fit_seconds"] for point in one["points"]]
    assert seconds[-1] == pytest.approx(15 * seconds[0], rel=0.05)
    assert chain["points"][1]["fit_seconds"] is None


def test_real_labels_come_first(rng):
    X = rng.normal(size=(600, 5))
    Y = np.column_stack([X[:, 0] > 1, X[:, 1] > 0]).astype(np.uint8)
    more = timing.add_labels(X, Y, 30, rng)
    assert (more[:, 0] == Y[:, 1]).all()
    assert (more[:, 2:].sum(axis=0) == 12).all()
    assert timing.add_labels(X, Y, 1, rng).shape == (600, 1)
