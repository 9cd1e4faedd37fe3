import torch
from torch import nn

from catnocat.features.engines.bfloat16 import (
    BiasInFloat32,
    InFloat32,
    blurred_noise,
    prepare_for_autocast,
    round_weights,
)

EXAMPLE = torch.zeros(1, 3, 16, 16)


def test_noise_is_images_and_always_the_same():
    noise = blurred_noise(32)
    assert noise.shape == (8, 32, 32, 3)
    assert noise.dtype == torch.uint8
    assert torch.equal(noise, blurred_noise(32))
    assert noise.float().std() > 30


def outputs(network, images):
    with torch.inference_mode():
        return network(images)


def test_bias_correction_restores_the_mean_of_rounded_layers():
    torch.manual_seed(0)
    # A plain layer, a grouped one without bias, a depthwise one; no padding, since padded borders
    # have other means.
    network = nn.Sequential(
        nn.Conv2d(3, 8, 1), nn.Conv2d(8, 6, 1, groups=2, bias=False), nn.Conv2d(6, 6, 1, groups=6)
    )
    images = torch.rand(4, 3, 9, 9)
    expected = outputs(network, images)
    rounded = [layer.weight.detach().bfloat16().float() for layer in network]
    round_weights(network, list(network), images)
    for layer, weights in zip(network, rounded, strict=True):
        assert torch.equal(layer.weight, weights)
    actual = outputs(network, images)
    assert not torch.equal(actual, expected)
    assert torch.allclose(actual.mean((0, 2, 3)), expected.mean((0, 2, 3)), atol=1e-5)


def float32_layers(network):
    prepare_for_autocast(network, EXAMPLE)
    return [isinstance(module, InFloat32) for module in network]


def test_layers_up_to_the_first_depthwise_one_stay_in_float32():
    network = nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3, groups=8), nn.Conv2d(8, 4, 1)
    )
    assert float32_layers(network) == [True, False, True, False]
    with torch.autocast("cpu", torch.bfloat16):
        assert network[:3](EXAMPLE).dtype == torch.float32
        assert network[3].layer(torch.zeros(1, 8, 4, 4)).dtype == torch.bfloat16


def test_biases_are_not_rounded():
    layer = nn.Conv2d(4, 2, 1)
    layer.weight.data.zero_()
    layer.bias.data[:] = torch.tensor([1 + 2**-12, 1 - 2**-12])
    expected = layer.bias.tolist()
    network = nn.Sequential(nn.Conv2d(3, 4, 1), layer)
    prepare_for_autocast(network, EXAMPLE)
    assert isinstance(network[1], BiasInFloat32)
    with torch.autocast("cpu", torch.bfloat16):
        assert network(EXAMPLE)[0, :, 0, 0].tolist() == expected


def test_networks_without_an_early_depthwise_layer_stay_unchanged():
    assert not any(float32_layers(nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(8, 4, 3, groups=2))))
    late = [nn.Conv2d(3, 8, 1), nn.Conv2d(8, 8, 1), nn.Conv2d(8, 8, 1)]
    assert not any(float32_layers(nn.Sequential(*late, nn.Conv2d(8, 8, 1, groups=8))))
    assert not any(float32_layers(nn.Sequential(nn.Flatten(), nn.Linear(768, 2))))
