import pytest
from sklearn.base import clone

from catnocat.benchmarks.errors import InputError
from catnocat.benchmarks.methods import MAIN, METHODS, select_methods


def test_none_means_the_main_ones_and_all_every_one():
    assert [method.name for method in select_methods()] == list(MAIN)
    assert [method.name for method in select_methods(("all",))] == list(METHODS)


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


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_methods_of_one_base_learner_share_the_grid(method):
    for name, values in method.grid.items():
        parameter = name.rpartition("__")[2]
        shared = [
            others
            for other in METHODS.values()
            for key, others in other.grid.items()
            if key.rpartition("__")[2] == parameter
        ]
        assert all(others == values for others in shared)
