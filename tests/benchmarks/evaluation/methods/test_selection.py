from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone

import catnocat
from catnocat.benchmarks.evaluation.methods import (
    DEFAULT_METHODS,
    METHODS,
    independent_reference,
    select_methods,
)
from catnocat.benchmarks.utils.errors import InputError


def test_no_names_select_the_default_methods_and_all_selects_every_one():
    assert [method.name for method in select_methods()] == list(DEFAULT_METHODS)
    assert [method.name for method in select_methods(("all",))] == list(METHODS)


def test_every_name_of_the_design_is_there():
    names = [
        *("logistic", "one-vs-rest", "ridge", "linear-svm", "chain", "chain-ensemble"),
        *("probabilistic-chain", "stacking", "dependent", "powerset", "pruned-sets"),
        *("pruned-sets-ensemble", "rakel", "cplst", "mlknn", "brknn", "iblr", "label-ranking"),
        *("forest", "boosting", "mlp", "softmax", "sigmoid-bce", "sigmoid-mse", "tanh-mse"),
        "regions",
    ]
    assert set(names) <= set(METHODS)
    assert [name for name in METHODS if name in names] == names


def test_the_docs_name_every_method():
    text = (Path(catnocat.__file__).parent / "docs" / "methods.md").read_text(encoding="utf-8")
    for method in METHODS.values():
        assert f"| `{method.name}` | " in text
        row = next(line for line in text.splitlines() if line.startswith(f"| `{method.name}` | "))
        assert f"| {method.kind} | {method.base} |" in row


def test_joint_methods_are_compared_with_an_independent_method_of_the_same_base_learner():
    every = list(METHODS.values())
    references = {name: independent_reference(method, every) for name, method in METHODS.items()}
    assert references.pop("logistic") is None
    assert references["one-vs-rest"].name == "logistic"
    for name, reference in references.items():
        assert reference.kind == "independent"
        if METHODS[name].kind == "joint" and name not in ("mlp", "boosting"):
            assert reference.base == METHODS[name].base, name


def test_the_first_independent_method_has_no_reference():
    one_vs_rest, mlknn = METHODS["one-vs-rest"], METHODS["mlknn"]
    assert independent_reference(one_vs_rest, [one_vs_rest, mlknn]) is None
    assert independent_reference(mlknn, [one_vs_rest, mlknn]) is one_vs_rest


def test_logistic_is_the_reference_instead_of_one_vs_rest_in_any_order():
    names = ("one-vs-rest", "chain", "mlknn", "logistic")
    methods = [METHODS[name] for name in names]
    references = [independent_reference(method, methods) for method in methods]
    assert references == [METHODS["logistic"]] * 3 + [None]


def test_an_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(InputError, match="no method is called 'chian'; did you mean 'chain'"):
        select_methods(("chian",))


def test_a_name_given_twice_is_refused():
    with pytest.raises(InputError, match="named twice"):
        select_methods(("chain", "chain"))


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_the_grid_names_parameters_that_exist(method):
    estimator = method.make(0)
    for name, values in method.grid.items():
        for value in values:
            assert clone(estimator).set_params(**{name: value}).get_params()[name] == value


def test_methods_of_one_base_learner_share_the_grid():
    grids = {}
    for method in METHODS.values():
        for name, values in method.grid.items():
            shared = grids.setdefault((method.base, name.rpartition("__")[2]), values)
            assert shared == values, method.name


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_the_joint_grid_starts_with_what_the_method_has(method):
    estimator = method.make(0)
    for name, values in method.joint_grid.items():
        assert estimator.get_params()[name] == values[0]
        for value in values:
            assert clone(estimator).set_params(**{name: value}).get_params()[name] == value


def test_joint_methods_with_label_inputs_have_the_same_budget():
    grids = [m.joint_grid for m in METHODS.values() if "label_scale" in m.joint_grid]
    assert len(grids) == 5
    assert {np.prod([len(values) for values in grid.values()]) for grid in grids} == {6}
    assert all(not m.joint_grid for m in METHODS.values() if m.kind != "joint")
