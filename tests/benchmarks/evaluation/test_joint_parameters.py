import warnings

import numpy as np
import pytest
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from catnocat.benchmarks.evaluation.fit import fit_method
from catnocat.benchmarks.evaluation.joint_parameters import choose_joint
from catnocat.benchmarks.evaluation.methods import METHODS
from catnocat.benchmarks.evaluation.model_selection import grid_search_cv
from catnocat.benchmarks.evaluation.splits import inner_folds
from catnocat.benchmarks.evaluation.thresholding import SetRule
from catnocat.classifiers import (
    ClassifierChain,
    ClassifierChainEnsemble,
    LogisticBinaryRelevance,
    MLkNN,
)

GRID = {"label_scale": (1.0, 30.0)}


def pipeline(method):
    return Pipeline([("scale", StandardScaler()), ("method", method)])


@pytest.fixture
def exclusive(make_table, rng):
    """Return features, and a table of images of one label each, hard to tell by the features."""
    Y = np.eye(4, dtype=np.uint8)[rng.integers(4, size=360)]
    table = make_table(360, Y=Y)
    X = np.hstack([Y + 1.2 * rng.normal(size=Y.shape), rng.normal(size=(360, 30))])
    return X, table


def chosen(model, X, table, grid=GRID, C=1e-3, with_sets=True):
    folds = inner_folds(table, 0)
    given = X, table.Y, table.known, folds
    base = grid_search_cv(model, {"estimator__C": (C,)}, *given, with_sets=with_sets)
    return base, choose_joint(model, grid, base, *given)


def test_a_scale_that_gets_more_whole_sets_right_is_chosen(exclusive):
    model = ClassifierChain(LogisticBinaryRelevance(), chain_method="predict_proba")
    _, choice = chosen(pipeline(model), *exclusive)
    assert choice.parameters == {"estimator__C": 1e-3, "label_scale": 30.0}
    assert choice.sets is not None


def test_a_method_that_finds_no_sets_is_chosen_by_macro_ap(exclusive):
    X, table = exclusive
    given = X, table.Y, table.known, inner_folds(table, 0)
    model = pipeline(MLkNN(1))
    base = grid_search_cv(model, {}, *given)
    choice = choose_joint(model, {"n_neighbors": (1, 40)}, base, *given)
    assert choice.parameters == {"n_neighbors": 40}
    assert choice.sets is None


def test_the_default_stays_where_nothing_is_better(make_table, rng):
    table = make_table(300)  # independent labels
    X = table.Y + rng.normal(size=table.Y.shape)
    model = ClassifierChainEnsemble(LogisticBinaryRelevance(), n_chains=3, random_state=0)
    base, choice = chosen(pipeline(model), X, table, {"label_scale": (1.0, 1.001)}, with_sets=False)
    assert choice.parameters["label_scale"] == 1.0
    np.testing.assert_array_equal(choice.scores, base.scores)


def test_the_held_out_predictions_are_those_of_the_chosen_combination(exclusive):
    X, table = exclusive
    model = ClassifierChain(LogisticBinaryRelevance())
    _, choice = chosen(pipeline(model), X, table)
    for fold in inner_folds(table, 0):
        again = pipeline(model).set_params(method__estimator__C=1e-3, method__label_scale=30.0)
        again.fit(X[fold.train], table.Y[fold.train])
        np.testing.assert_allclose(choice.scores[fold.test], again.predict_proba(X[fold.test]))
        np.testing.assert_array_equal(choice.sets[fold.test], again.predict(X[fold.test]))


def test_a_combination_that_fails_is_not_chosen(exclusive):
    model = ClassifierChain(LogisticBinaryRelevance())
    _, choice = chosen(pipeline(model), *exclusive, {"label_scale": (1.0, -1.0)})
    assert choice.parameters["label_scale"] == 1.0


def test_no_joint_grid_is_no_choice(exclusive):
    base, choice = chosen(pipeline(ClassifierChain(LogisticBinaryRelevance())), *exclusive, {})
    assert choice is base


@pytest.mark.parametrize("name", ["chain", "chain-ensemble", "probabilistic-chain", "stacking"])
def test_every_method_with_label_inputs_records_what_was_chosen(exclusive, name):
    X, table = exclusive
    method = METHODS[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = fit_method(method, X[:240], table.take(range(240)))
    assert set(fitted.chosen) == {*method.grid, *method.joint_grid}
    step = fitted.model[-1].get_params()
    assert all(step[key] == value for key, value in fitted.chosen.items())
    decided = fitted.predict(X[240:], fitted.scores(X[240:]))
    if fitted.set_rule.at_least_one:
        assert decided["set"].any(axis=1).all()


def test_one_yes_no_model_per_label_may_answer_with_at_least_one_label_too(exclusive):
    X, table = exclusive
    fitted = fit_method(METHODS["logistic"], X[:240], table.take(range(240)))
    assert fitted.set_rule == SetRule("thresholds", at_least_one=True)
    scores = fitted.scores(X[240:])
    decided = fitted.predict(X[240:], scores)
    empty = ~decided["hamming"].any(axis=1)
    assert empty.any()
    np.testing.assert_array_equal(
        decided["set"][empty].argmax(axis=1), scores[empty].argmax(axis=1)
    )
