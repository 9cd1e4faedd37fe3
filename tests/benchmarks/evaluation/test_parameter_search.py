import warnings
from dataclasses import replace

import numpy as np
import pytest
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from catnocat.benchmarks.evaluation.cross_validation import compare, run_method
from catnocat.benchmarks.evaluation.fit import build_pipeline, fit_method
from catnocat.benchmarks.evaluation.methods import METHODS
from catnocat.benchmarks.evaluation.model_selection import grid_search_cv
from catnocat.benchmarks.evaluation.parameter_search import (
    SharedParameters,
    choose_joint_parameters,
    parameter_source,
)
from catnocat.benchmarks.evaluation.splits import inner_folds, outer_folds
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
    """Return features, and a table of one label per image that they hardly separate."""
    Y = np.eye(4, dtype=np.uint8)[rng.integers(4, size=360)]
    table = make_table(360, Y=Y)
    X = np.hstack([Y + 1.2 * rng.normal(size=Y.shape), rng.normal(size=(360, 30))])
    return X, table


def search(model, X, table, grid=GRID, C=1e-3, with_sets=True):
    folds = inner_folds(table, 0)
    arguments = X, table.Y, table.known, folds
    base = grid_search_cv(model, {"estimator__C": (C,)}, *arguments, with_sets=with_sets)
    return base, choose_joint_parameters(model, grid, base, *arguments)


def test_the_label_scale_with_higher_subset_accuracy_is_chosen(exclusive):
    model = ClassifierChain(LogisticBinaryRelevance(), chain_method="predict_proba")
    _, result = search(pipeline(model), *exclusive)
    assert result.parameters == {"estimator__C": 1e-3, "label_scale": 30.0}
    assert result.sets is not None


def test_methods_without_label_sets_are_compared_by_macro_ap(exclusive):
    X, table = exclusive
    arguments = X, table.Y, table.known, inner_folds(table, 0)
    model = pipeline(MLkNN(1))
    base = grid_search_cv(model, {}, *arguments)
    result = choose_joint_parameters(model, {"n_neighbors": (1, 40)}, base, *arguments)
    assert result.parameters == {"n_neighbors": 40}
    assert result.sets is None


def test_the_default_stays_where_nothing_is_better(make_table, rng):
    table = make_table(300)  # independent labels
    X = table.Y + rng.normal(size=table.Y.shape)
    model = ClassifierChainEnsemble(LogisticBinaryRelevance(), n_chains=3, random_state=0)
    base, result = search(pipeline(model), X, table, {"label_scale": (1.0, 1.001)}, with_sets=False)
    assert result.parameters["label_scale"] == 1.0
    np.testing.assert_array_equal(result.scores, base.scores)


def test_the_held_out_predictions_are_those_of_the_chosen_combination(exclusive):
    X, table = exclusive
    model = ClassifierChain(LogisticBinaryRelevance())
    _, result = search(pipeline(model), X, table)
    for fold in inner_folds(table, 0):
        again = pipeline(model).set_params(method__estimator__C=1e-3, method__label_scale=30.0)
        again.fit(X[fold.train], table.Y[fold.train])
        np.testing.assert_allclose(result.scores[fold.test], again.predict_proba(X[fold.test]))
        np.testing.assert_array_equal(result.sets[fold.test], again.predict(X[fold.test]))


def test_a_combination_that_fails_is_not_chosen(exclusive):
    model = ClassifierChain(LogisticBinaryRelevance())
    _, result = search(pipeline(model), *exclusive, {"label_scale": (1.0, -1.0)})
    assert result.parameters["label_scale"] == 1.0


def test_no_joint_grid_is_no_choice(exclusive):
    base, result = search(pipeline(ClassifierChain(LogisticBinaryRelevance())), *exclusive, {})
    assert result is base


@pytest.mark.parametrize(
    "name", ["chain", "chain-ensemble", "probabilistic-chain", "stacking", "dependent"]
)
def test_every_method_with_label_inputs_records_the_chosen_parameters(exclusive, name):
    X, table = exclusive
    method = METHODS[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = fit_method(method, X[:240], table.take(range(240)))
    assert set(fitted.chosen) == {*method.grid, *method.joint_grid}
    step = fitted.model[-1].get_params()
    assert all(step[key] == value for key, value in fitted.chosen.items())
    predictions = fitted.predict(X[240:], fitted.scores(X[240:]))
    if fitted.set_rule.at_least_one:
        assert predictions["set"].any(axis=1).all()


def test_independent_methods_may_predict_at_least_one_label(exclusive):
    X, table = exclusive
    fitted = fit_method(METHODS["logistic"], X[:240], table.take(range(240)))
    assert fitted.set_rule == SetRule("thresholds", at_least_one=True)
    scores = fitted.scores(X[240:])
    predictions = fitted.predict(X[240:], scores)
    empty = ~predictions["hamming"].any(axis=1)
    assert empty.any()
    np.testing.assert_array_equal(
        predictions["set"][empty].argmax(axis=1), scores[empty].argmax(axis=1)
    )


@pytest.fixture
def problem(make_table, rng):
    table = make_table(200)
    return table.Y @ rng.normal(size=(4, 6)) + 2 * rng.normal(size=(200, 6)), table


def values(method_result):
    return [next(iter(chosen.values())) for chosen in method_result.chosen]


def test_all_methods_of_a_base_learner_have_the_same_parameters_in_each_fold(problem):
    X, table = problem
    names = ["one-vs-rest", "logistic", "chain", "powerset", "mlknn", "iblr"]
    method_results = compare(X, table, [METHODS[name] for name in names], outer_folds(table, 3, 0))
    chosen = [values(method_result) for method_result in method_results]
    assert chosen[0] == chosen[1] == chosen[2] == chosen[3]
    assert chosen[4] == chosen[5]


def test_the_choice_does_not_depend_on_the_other_methods(problem):
    X, table = problem
    folds = outer_folds(table, 3, 0)
    alone = run_method(METHODS["chain"], X, table, folds)
    _, with_others = compare(X, table, [METHODS["mlknn"], METHODS["chain"]], folds)
    assert alone.chosen == with_others.chosen
    np.testing.assert_array_equal(alone.scores, with_others.scores)


def test_the_choice_is_made_once_and_its_time_counts_for_each_method(problem):
    X, table = problem
    shared = [SharedParameters()]
    fold = outer_folds(table, 3, 0)[:1]
    for name in ("logistic", "chain"):
        run_method(METHODS[name], X, table, fold, shared=shared)
    ((_, elapsed),) = shared[0].searches.values()
    method_result = run_method(METHODS["powerset"], X, table, fold, shared=shared)
    assert len(shared[0].searches) == 1
    assert method_result.choose_seconds > elapsed.seconds


def test_other_candidates_or_features_are_not_shared():
    chain = METHODS["chain"]
    assert parameter_source(chain).name == "logistic"
    assert parameter_source(replace(chain, grid={})) is None
    assert parameter_source(replace(chain, grid={"order": ("dependence",)})) is None
    assert parameter_source(METHODS["regions"]) is None
    assert parameter_source(METHODS["linear-svm"]) is None


def test_where_macro_ap_is_flat_the_log_loss_decides(problem, rng):
    X, table = problem
    noise = rng.normal(
        size=X.shape
    )  # nothing to learn: AP is flat, a strong penalty has least loss
    result = grid_search_cv(
        build_pipeline(METHODS["logistic"], 0),
        {"C": (1.0, 100.0, 1e-4)},
        noise,
        table.Y,
        table.known,
        inner_folds(table, 0),
    )
    assert result.parameters == {"C": 1e-4}


def choose_penalty(model, values, X, table):
    folds = inner_folds(table, 0)
    base = grid_search_cv(model, {}, X, table.Y, table.known, folds)
    grid = {"C": values}
    return choose_joint_parameters(model, grid, base, X, table.Y, table.known, folds).parameters


@pytest.mark.parametrize("values", [(1e3, 1e-3), (1.0, 1e-6)])
def test_a_joint_parameter_keeps_its_default_without_clear_evidence(problem, values):
    X, table = problem
    assert choose_penalty(build_pipeline(METHODS["logistic"], 0), values, X, table) == {"C": 1.0}


def test_a_joint_parameter_changes_where_the_evidence_is_clear(problem):
    X, table = problem
    model = build_pipeline(METHODS["logistic"], 0)
    model[-1].set_params(C=1e-6)
    assert choose_penalty(model, (1e-6, 1.0), X, table) == {"C": 1.0}
