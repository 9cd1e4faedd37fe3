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


def test_importing_and_planning_import_no_large_package():
    subprocess.run([sys.executable, "-W", "error", "-c", LIGHT], check=True)


def test_every_public_name_exists():
    for name in catnocat.features.__all__:
        assert getattr(catnocat.features, name) is not None


def test_unknown_name_raises_attribute_error():
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        _ = catnocat.features.nothing_of_the_kind
