import torch
from torch import nn

from catnocat.features.delicate import InFloat32, keep_first_layers_in_float32

EXAMPLE = torch.zeros(1, 3, 16, 16)


def kept(network):
    keep_first_layers_in_float32(network, EXAMPLE)
    return [isinstance(module, InFloat32) for module in network]


def test_layers_up_to_the_first_depthwise_one_are_kept():
    network = nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3, groups=8), nn.Conv2d(8, 4, 1)
    )
    assert kept(network) == [True, False, True, False]
    with torch.autocast("cpu", torch.bfloat16):
        assert network[:3](EXAMPLE).dtype == torch.float32
        assert network(EXAMPLE).dtype == torch.bfloat16


def test_other_networks_are_left_alone():
    assert not any(kept(nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(8, 4, 3, groups=2))))
    late = [nn.Conv2d(3, 8, 1), nn.Conv2d(8, 8, 1), nn.Conv2d(8, 8, 1)]
    assert not any(kept(nn.Sequential(*late, nn.Conv2d(8, 8, 1, groups=8))))
    assert not any(kept(nn.Sequential(nn.Flatten(), nn.Linear(768, 2))))
