import torch
from torch import nn

from catnocat.features.engines.mixed_precision import (
    AddsInFloat32,
    InFloat32,
    prepare_for_autocast,
)

EXAMPLE = torch.zeros(1, 3, 16, 16)


def kept(network):
    prepare_for_autocast(network, EXAMPLE)
    return [isinstance(module, InFloat32) for module in network]


def test_layers_up_to_the_first_depthwise_one_are_kept():
    network = nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3, groups=8), nn.Conv2d(8, 4, 1)
    )
    assert kept(network) == [True, False, True, False]
    with torch.autocast("cpu", torch.bfloat16):
        assert network[:3](EXAMPLE).dtype == torch.float32
        assert network[3].layer(torch.zeros(1, 8, 4, 4)).dtype == torch.bfloat16


def test_addends_are_not_rounded():
    layer = nn.Conv2d(4, 2, 1)
    layer.weight.data.zero_()
    layer.bias.data[:] = torch.tensor([1 + 2**-12, 1 - 2**-12])
    wanted = layer.bias.tolist()
    network = nn.Sequential(nn.Conv2d(3, 4, 1), layer)
    prepare_for_autocast(network, EXAMPLE)
    assert isinstance(network[1], AddsInFloat32)
    with torch.autocast("cpu", torch.bfloat16):
        assert network(EXAMPLE)[0, :, 0, 0].tolist() == wanted


def test_other_networks_are_left_alone():
    assert not any(kept(nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(8, 4, 3, groups=2))))
    late = [nn.Conv2d(3, 8, 1), nn.Conv2d(8, 8, 1), nn.Conv2d(8, 8, 1)]
    assert not any(kept(nn.Sequential(*late, nn.Conv2d(8, 8, 1, groups=8))))
    assert not any(kept(nn.Sequential(nn.Flatten(), nn.Linear(768, 2))))
