"""Fixtures of all tests: a separate cache, real photographs if any, fast tests first."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest

os.environ["HF_HUB_OFFLINE"] = "1"


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)  # stable


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory):
    """Keep the tests away from the user's own cache."""
    folder = tmp_path_factory.mktemp("cache")
    os.environ["CATNOCAT_CACHE"] = str(folder)
    return folder


@pytest.fixture(autouse=True)
def torch_is_left_as_it_was():
    """Check that no test disables gradients, and so all training, for the whole process."""
    yield
    if torch := sys.modules.get("torch"):
        assert torch.is_grad_enabled()


@pytest.fixture(scope="session")
def data():
    """Return the folder of real data that CATNOCAT_DATA names."""
    folder = os.environ.get("CATNOCAT_DATA")
    if not folder:
        pytest.skip("CATNOCAT_DATA names no folder of real data")
    return Path(folder)


@pytest.fixture
def rng():
    return np.random.default_rng(0)
