import numpy as np
import pytest
import torch

from catnocat.features import find_backbone
from catnocat.features.backbones import efficientnet_lite as lite0
from catnocat.features.backbones.timm_backbones import create
from catnocat.features.backbones.weights import load_weights, read_weights
from catnocat.features.preprocessing.views import CROPS
from catnocat.features.utils.digests import file_digest


@pytest.fixture(scope="module")
def shown(photograph):
    (center,) = CROPS["center"]
    pixels = center.cut(photograph, 224, lite0.PREPROCESSING)
    return (torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float() - 127.5) / 127.5


def test_the_whole_network_knows_a_palace_when_it_sees_one(shown):
    network = create("tf_efficientnet_lite0")
    tensors = read_weights(lite0.bundled_weights())
    renamed = {lite0.timm_key(key): value for key, value in tensors.items()}
    assert renamed.keys() == network.state_dict().keys()
    load_weights(network, renamed, "file", "network")
    with torch.inference_mode():
        assert network(shown).argmax() == 698  # ImageNet's palace


def test_features_are_those_of_the_network_with_the_right_padding(shown):
    with torch.inference_mode():
        found = find_backbone().build()(shown)
    assert found.shape == (1, 1280, 7, 7)
    # timm's efficientnet_lite0, which pads on both sides, takes the same tensors: 15.870.
    vector = found.mean((2, 3))[0].numpy()
    assert np.linalg.norm(vector) == pytest.approx(15.053, abs=1e-2)
    assert vector[[164, 303]] == pytest.approx([3.1483, 0.3595], abs=1e-2)


def test_the_identity_is_that_of_the_file():
    backbone = find_backbone("efficientnet_lite0")
    assert backbone.weights == file_digest(lite0.bundled_weights())
    assert backbone.channels == lite0.CHANNELS


def test_frozen_means_frozen():
    network = find_backbone().build()
    assert not any(module.training for module in network.modules())
    assert not any(parameter.requires_grad for parameter in network.parameters())
