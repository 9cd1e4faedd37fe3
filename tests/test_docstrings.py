"""The examples in the docstrings run and give what they show."""

import doctest
import importlib
import pkgutil

import pytest

ROOMS = ("features", "classifiers", "benchmarks")


def modules():
    for room in ROOMS:
        package = importlib.import_module(f"catnocat.{room}")
        yield package.__name__
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            yield found.name


@pytest.mark.parametrize("name", list(modules()))
def test_examples(name):
    method_result = doctest.testmod(
        importlib.import_module(name), optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    )
    assert method_result.failed == 0, (
        f"{method_result.failed} of {method_result.attempted} examples in {name}"
    )
