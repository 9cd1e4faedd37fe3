"""Networks of both libraries with random weights from a file, compared with plain loops.

`make backbones` does this for every network of torchvision and for all families of timm.
"""

import pytest

from catnocat.benchmarks.experiments.backbones import IMAGES, check_network

pytestmark = pytest.mark.slow

# name, length of a vector, default pooling
ON_TORCH = [
    ("torchvision:resnet50", 2048, "avg"),
    ("torchvision:densenet121", 1024, "avg"),
    ("torchvision:mobilenet_v2", 1280, "avg"),
    ("torchvision:mobilenet_v3_small", 1024, "prelogits"),
    ("torchvision:mobilenet_v3_large", 1280, "prelogits"),
    ("torchvision:efficientnet_b0", 1280, "avg"),
    ("torchvision:vgg11_bn", 4096, "prelogits"),
    ("torchvision:shufflenet_v2_x0_5", 1024, "avg"),
    ("torchvision:squeezenet1_1", 512, "avg"),
    ("torchvision:convnext_tiny", 768, "prelogits"),
    ("torchvision:swin_t", 768, "avg"),
    ("timm:mobilenetv3_small_050", 1024, "prelogits"),
    ("timm:crossvit_tiny_240", 288, "prelogits"),
    ("timm:test_resnet", 96, "avg"),
    ("timm:resnet10t", 512, "avg"),
]
# Conversion takes seconds: those in which a batch would become a constant, and some others.
ON_BOTH = [
    ("torchvision:resnet18", 512, "avg"),
    ("torchvision:mnasnet0_5", 1280, "avg"),
    ("torchvision:regnet_y_400mf", 440, "avg"),
    ("timm:vit_tiny_patch16_224", 192, "prelogits"),
    ("timm:deit_tiny_distilled_patch16_224", 192, "prelogits"),
    ("timm:swin_tiny_patch4_window7_224", 768, "avg"),
    ("timm:levit_128s", 384, "avg"),
    ("timm:efficientvit_b0", 1280, "prelogits"),
    ("timm:pit_ti_distilled_224", 256, "prelogits"),
    ("timm:test_convnext", 64, "prelogits"),
]


def assert_agrees(comparison, length, pooling):
    assert comparison["outcome"] == "agrees", comparison
    assert (comparison["length"], comparison["pooling"]) == (length, pooling)
    for each in comparison["engines"].values():
        assert each["rows"] == IMAGES
        assert each["cosine"] >= 0.9999
        assert each["change"] <= 1e-4


@pytest.mark.parametrize(("name", "length", "pooling"), ON_TORCH)
def test_torch_agrees_with_a_plain_loop(name, length, pooling):
    assert_agrees(check_network(name, ["torch"]), length, pooling)


@pytest.mark.parametrize(("name", "length", "pooling"), ON_BOTH)
def test_both_engines_agree_with_a_plain_loop(name, length, pooling):
    pytest.importorskip("openvino")
    batch_sizes = (2, 1) if name == "timm:vit_tiny_patch16_224" else (2,)
    comparison = check_network(name, ["torch", "openvino"], batch_sizes)
    assert set(comparison["engines"]) == {"torch", "openvino"}
    assert_agrees(comparison, length, pooling)


def test_network_that_rescales_its_input_is_refused():
    comparison = check_network("torchvision:googlenet", ["torch"])
    assert comparison["outcome"] == "refused"
    assert "rescales its input" in comparison["message"]
    assert "\n" not in comparison["message"]
