from dataclasses import replace

import numpy as np
import pytest

from catnocat.benchmarks.evaluation.cross_validation import compare, run_method
from catnocat.benchmarks.evaluation.fit import build_pipeline
from catnocat.benchmarks.evaluation.joint_parameters import choose_joint
from catnocat.benchmarks.evaluation.methods import METHODS
from catnocat.benchmarks.evaluation.model_selection import grid_search_cv
from catnocat.benchmarks.evaluation.shared_parameters import SharedParameters, parameter_source
from catnocat.benchmarks.evaluation.splits import inner_folds, outer_folds


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
    ((_, seconds),) = shared[0].choices.values()
    method_result = run_method(METHODS["powerset"], X, table, fold, shared=shared)
    assert len(shared[0].choices) == 1
    assert method_result.choose_seconds > seconds


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
    choice = grid_search_cv(
        build_pipeline(METHODS["logistic"], 0),
        {"C": (1.0, 100.0, 1e-4)},
        noise,
        table.Y,
        table.known,
        inner_folds(table, 0),
    )
    assert choice.parameters == {"C": 1e-4}


def choose(model, values, X, table):
    folds = inner_folds(table, 0)
    base = grid_search_cv(model, {}, X, table.Y, table.known, folds)
    grid = {"C": values}
    return choose_joint(model, grid, base, X, table.Y, table.known, folds).parameters


@pytest.mark.parametrize("values", [(1e3, 1e-3), (1.0, 1e-6)])
def test_a_joint_parameter_keeps_its_default_without_clear_evidence(problem, values):
    X, table = problem
    assert choose(build_pipeline(METHODS["logistic"], 0), values, X, table) == {"C": 1.0}


def test_a_joint_parameter_changes_where_the_evidence_is_clear(problem):
    X, table = problem
    model = build_pipeline(METHODS["logistic"], 0)
    model[-1].set_params(C=1e-6)
    assert choose(model, (1e-6, 1.0), X, table) == {"C": 1.0}
