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


def test_none_means_the_main_ones_and_all_every_one():
    assert [method.name for method in select_methods()] == list(DEFAULT_METHODS)
    assert [method.name for method in select_methods(("all",))] == list(METHODS)


def test_every_name_of_the_design_is_there():
    names = [
        *("one-vs-rest", "logistic", "ridge", "linear-svm", "chain", "chain-ensemble"),
        *("probabilistic-chain", "stacking", "powerset", "pruned-sets", "rakel", "mlknn", "brknn"),
        *("iblr", "label-ranking", "forest", "mlp", "softmax", "sigmoid-bce", "sigmoid-mse"),
        *("tanh-mse", "regions"),
    ]
    assert set(names) <= set(METHODS)
    assert [name for name in METHODS if name in names] == names


def test_the_docs_name_every_method():
    text = (Path(catnocat.__file__).parent / "docs" / "methods.md").read_text(encoding="utf-8")
    for method in METHODS.values():
        assert f"| `{method.name}` | " in text
        row = next(line for line in text.splitlines() if line.startswith(f"| `{method.name}` | "))
        assert f"| {method.kind} | {method.base} |" in row


def test_a_joint_method_is_held_against_the_independent_one_of_its_base_learner():
    every = list(METHODS.values())
    references = {name: independent_reference(method, every) for name, method in METHODS.items()}
    assert references.pop("one-vs-rest") is None
    for name, reference in references.items():
        assert reference.kind == "independent"
        if METHODS[name].kind == "joint" and name != "mlp":
            assert reference.base == METHODS[name].base, name


def test_the_baseline_is_held_against_nobody():
    one_vs_rest, mlknn = METHODS["one-vs-rest"], METHODS["mlknn"]
    assert independent_reference(one_vs_rest, [one_vs_rest, mlknn]) is None
    assert independent_reference(mlknn, [one_vs_rest, mlknn]) is one_vs_rest


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
    grids = [method.joint_grid for method in METHODS.values() if method.joint_grid]
    assert len(grids) == 4
    assert {np.prod([len(values) for values in grid.values()]) for grid in grids} == {6}
    assert all("label_scale" in grid for grid in grids)
    assert all(not m.joint_grid for m in METHODS.values() if m.kind != "joint")
