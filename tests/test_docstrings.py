"""The examples in the docstrings run and print what they show."""

import doctest
import importlib
import pkgutil

import pytest

FOLDERS = ("features", "classifiers", "benchmarks")


def modules():
    for folder in FOLDERS:
        package = importlib.import_module(f"catnocat.{folder}")
        yield package.__name__
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            yield module.name


@pytest.mark.parametrize("name", list(modules()))
def test_examples(name):
    result = doctest.testmod(
        importlib.import_module(name), optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    )
    assert result.failed == 0, f"{result.failed} of {result.attempted} examples in {name}"
