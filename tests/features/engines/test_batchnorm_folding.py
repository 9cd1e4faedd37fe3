import pytest
import torch
from torch import nn

from catnocat.features.engines.batchnorm_folding import fold_normalisation


@pytest.fixture
def example():
    return torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0)) - 0.5


def shaken(network):
    """Set random statistics in every batch normalisation."""
    generator = torch.Generator().manual_seed(0)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            for values in (module.running_mean, module.bias.data):
                values.normal_(std=0.1, generator=generator)
            for values in (module.running_var, module.weight.data):
                values.uniform_(0.5, 1.5, generator=generator)
    return network.eval()


def normalisations(network):
    return sum(isinstance(module, nn.BatchNorm2d) for module in network.modules())


@pytest.mark.parametrize("name", ["resnet18", "mobilenetv3_small_100", "tf_efficientnet_lite0"])
def test_folded_network_is_equivalent(name, example):
    timm = pytest.importorskip("timm")
    network = shaken(timm.create_model(name, exportable=True))
    before = normalisations(network)
    with torch.no_grad():
        folded = fold_normalisation(network, example)
        assert torch.allclose(folded(example), network(example), atol=1e-5, rtol=1e-4)
    assert normalisations(folded) == 0
    assert normalisations(network) == before  # it is still the one that was given


class Branching(nn.Module):
    """Network that uses the output of a convolution also without its normalisation."""

    def __init__(self):
        super().__init__()
        self.convolution, self.normalisation = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)

    def forward(self, images):
        features = self.convolution(images)
        return self.normalisation(features) + 10 * features


def test_network_that_cannot_be_folded_is_unchanged(example):
    network = shaken(Branching())
    assert fold_normalisation(network, example) is network


def test_normalisation_without_a_convolution_is_unchanged(example):
    network = shaken(nn.Sequential(nn.BatchNorm2d(3), nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)))
    folded = fold_normalisation(network, example)
    assert normalisations(folded) == 1
    assert torch.allclose(folded(example), network(example), atol=1e-5)
