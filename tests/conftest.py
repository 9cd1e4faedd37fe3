"""Fixtures of all tests: a separate cache, real photographs if any, fast tests first."""

import json
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


@pytest.fixture(scope="session")
def tiny_clip(tmp_path_factory):
    """Return the name of a CLIP model with random weights: 32 pixels, vectors of 16 numbers."""
    open_clip = pytest.importorskip("open_clip")
    import torch

    folder = tmp_path_factory.mktemp("tiny-clip")
    model = {
        "embed_dim": 16,
        "vision_cfg": {
            "image_size": 32,
            "layers": 1,
            "width": 32,
            "head_width": 16,
            "patch_size": 16,
        },
        "text_cfg": {
            "context_length": 77,
            "vocab_size": 49408,
            "width": 32,
            "heads": 2,
            "layers": 1,
        },
    }
    config = {"model_cfg": model, "preprocess_cfg": {"size": 32, "mean": [0.5] * 3}}
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    torch.manual_seed(0)
    network = open_clip.CLIP(**model)
    torch.save(network.state_dict(), folder / "open_clip_pytorch_model.bin")
    return f"local-dir:{folder}"
