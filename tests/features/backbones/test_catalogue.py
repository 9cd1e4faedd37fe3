import pytest
import torch

from catnocat.features import find_backbone, list_backbones


@pytest.mark.slow
def test_what_can_be_named_is_listed_with_what_is_here(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    everything = {one.name: one for one in list_backbones()}
    assert everything["efficientnet_lite0"].local
    assert {"torchvision:resnet50", "timm:resnet18.a1_in1k"} < set(everything)
    assert "torchvision:googlenet" not in everything
    assert not everything["torchvision:resnet50"].local
    folder = tmp_path / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    from torchvision.models import ResNet18_Weights, resnet18

    file = folder / ResNet18_Weights.IMAGENET1K_V1.url.rpartition("/")[2]
    torch.save(resnet18().state_dict(), file)
    (found,) = [one for one in list_backbones("torchvision:resnet18") if one.local]
    assert (found.name, found.dimension) == ("torchvision:resnet18", 512)


@pytest.mark.slow
def test_dimensions_are_those_of_the_backbones():
    (small,) = list_backbones("torchvision:squeezenet1_0")
    assert small.dimension == 512
    assert list_backbones("torchvision:regnet_x_400mf")[0].dimension is None
    assert list_backbones("torchvision:mobilenet_v3_small")[0].dimension == 1024
    assert list_backbones("torchvision:vit_b_32")[0].dimension == 768
    assert list_backbones("timm:efficientvit_b0")[0].dimension == 1280
    assert list_backbones("timm:tf_efficientnet_lite0.in1k")[0].dimension == 1280
    assert list_backbones("efficientnet_lite0")[0].dimension == find_backbone().channels


def test_nothing_is_found_for_nonsense():
    assert list_backbones("no such network") == []
