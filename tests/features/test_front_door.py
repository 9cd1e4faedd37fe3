import subprocess
import sys

import pytest

import catnocat.features

LIGHT = """
import sys
import catnocat.features as features
heavy = {"torch", "timm", "torchvision", "sklearn", "openvino", "scipy", "pandas"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
features.plan_recipe(engine="torch")
assert not heavy & set(sys.modules), heavy & set(sys.modules)
"""


def test_importing_and_planning_import_nothing_heavy():
    subprocess.run([sys.executable, "-W", "error", "-c", LIGHT], check=True)


def test_everything_promised_is_there():
    for name in catnocat.features.__all__:
        assert getattr(catnocat.features, name) is not None


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        _ = catnocat.features.nothing_of_the_kind
